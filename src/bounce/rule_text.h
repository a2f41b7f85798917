// A server's words brought into the one form that the rules' phrases are compared in. Pure, linear, no allocation but
// the result.
//
// Letters in lower case and without accents (Latin, Vietnamese, Greek; Cyrillic in lower case), without Arabic's and
// Hebrew's vowel signs, full-width ASCII as ASCII; runs of blanks, line ends, '-', '_' and double quotes as one blank;
// apostrophes left out ("doesn't" is "doesnt"); a mail address as a lone '@', so that the words in somebody's address
// are nobody's verdict; the dots, hyphens and slashes inside host names, dotted numbers and URLs as kInner, which
// counts as a letter, so that "relay-1.example.net" is no word "relay"; reply codes and enhanced statuses at the start
// of a line or before '-' left out (they are evidence of their own). Whatever is not UTF-8 is kept as it is.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/reply.h"

namespace todoku::bounce {

inline constexpr char kInner = '\x02';

struct PlainText {
  std::string text;
  std::vector<std::uint32_t> origin;  // for each byte of text, where it came from

  /// The line of `raw` (what text was made of) that bytes [begin, end) of text came from, at most 500 bytes.
  [[nodiscard]] std::string_view line(std::string_view raw, std::size_t begin, std::size_t end) const;
};

[[nodiscard]] PlainText plain_text(std::string_view raw);

/// The same for a word of a phrase: no addresses, no codes; '*' and '|' are letters.
[[nodiscard]] std::string plain_word(std::string_view raw);

/// The first reply code and enhanced status that the words themselves hold ("said: 550 5.1.1 no such user"), and the
/// stage of the session where the reporter tells it (Postfix: "in reply to RCPT TO command", Exim: "after end of
/// data").
struct Codes {
  std::optional<int> reply_code;
  std::optional<smtp::EnhancedStatus> status;
  smtp::Stage stage = smtp::Stage::none;
  std::size_t begin = 0;  // where the reply code stands; 0 where there is none
};
[[nodiscard]] Codes codes_in(std::string_view raw);

}  // namespace todoku::bounce
