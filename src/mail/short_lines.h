// Texts laid out anew in lines of at most kShortestLimit bytes, the same to whoever reads them: for servers that look
// at lines once a mail is decoded. Line ends come as CRLF or LF and go out as LF; UTF-8 stays whole.
#pragma once
#include <string>
#include <string_view>

namespace todoku::mail {

/// Plain text as "format=flowed; delsp=yes" (RFC 3676): a long line goes on behind a blank that readers take away
/// again. Blanks at the end of a line go; no line is longer.
[[nodiscard]] std::string flowed(std::string_view text);

/// HTML with line ends where they change nothing: within tags, in the place of blanks, within comments that are put
/// between letters; in style sheets behind their marks. What has none of those places stays longer: an attribute's
/// value, comments, a script, words in <pre> and <textarea>.
[[nodiscard]] std::string html_in_short_lines(std::string_view html);

}  // namespace todoku::mail
