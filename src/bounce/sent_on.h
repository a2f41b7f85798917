// A mail sent on by hand, as mail programs lay it out below the words of whoever sends it on: a line each for sender,
// date, recipient and subject, named in the user's language, and the mail's text. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace todoku::bounce {

struct SentOn {
  std::string_view from, to, subject;  // as written
  std::size_t end = 0;                 // where the mail's text begins
};

/// The first such head in the text; none where no line of it names a sender and one soon after a subject.
[[nodiscard]] std::optional<SentOn> sent_on_head(std::string_view text);

/// The mail as it was, as far as the head tells.
[[nodiscard]] std::string as_mail(const SentOn& head, std::string_view text);

}  // namespace todoku::bounce
