// A mail's content on its way through DATA: what it needs, and dot-stuffing without copying (RFC 5321 section 4.5.2).
#pragma once
#include <string_view>
#include <vector>

namespace todoku::smtp {

/// What one pass over the content finds.
struct ContentTraits {
  bool bare_line_end = false;  // a CR or LF alone: refused, since receivers disagree on what it means (smuggling)
  bool dot_at_line_start = false;
  bool eight_bit = false;
  bool ends_in_crlf = true;  // of an empty content, too
};
[[nodiscard]] ContentTraits inspect(std::string_view content);

/// Appends the pieces whose concatenation is the content stuffed and ended by <CRLF>.<CRLF>. They point into the
/// content and into constants; a stuffed dot is the content's own dot, sent as the end of one piece and the start of
/// the next.
void append_stuffed(std::string_view content, const ContentTraits& traits, std::vector<std::string_view>& pieces);

}  // namespace todoku::smtp
