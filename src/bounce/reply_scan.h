// Finds in a notice's words what an SMTP server said: code, enhanced status, host, stage, and where its text begins.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bounce/cues.h"
#include "smtp/reply.h"

namespace todoku::bounce {

struct ReplyFacts {
  std::optional<int> code;  // 4xx or 5xx
  std::optional<smtp::EnhancedStatus> status;
  std::string_view host;  // name, else address
  smtp::Stage stage = smtp::Stage::none;
  std::size_t begin = std::string_view::npos;  // of the server's own words, at its code or status
};

/// `cues` are those of the text, counted from its begin.
[[nodiscard]] ReplyFacts scan_reply(std::string_view text, std::span<const CueHit> cues);

/// The server's own words in `text` from `begin` on: up to an empty line, the reporter's next remark or, where they
/// stand in brackets, the closing one.
[[nodiscard]] std::string_view servers_words(std::string_view text, std::size_t begin);

/// The whole of a long reply of which `first_line` ("550-5.7.1 …") is the first, where a transcript among the words has
/// it; else empty.
[[nodiscard]] std::string whole_reply(std::string_view words, std::string_view first_line);

/// One line: folds, indentation and the code repeated on every line of a long reply taken away.
[[nodiscard]] std::string joined_reply(std::string_view text);

}  // namespace todoku::bounce
