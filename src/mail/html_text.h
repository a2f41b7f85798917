// The text part of a mail whose author wrote only HTML.
//
// Reads the HTML in the order in which it stands, without building a tree: merge tags ({{ … }}, {% … %}) are copied as
// they are, wherever they stand, and a tree would move those between table rows. Links keep their target in brackets,
// images their alt text, lists their marks, headings and paragraphs a blank line between them; head, style, script and
// what is hidden by display:none are left out.
#pragma once
#include <string>
#include <string_view>

namespace todoku::mail {

[[nodiscard]] std::string html_to_text(std::string_view html);

}  // namespace todoku::mail
