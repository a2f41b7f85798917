// Text as HTML shows it.
#pragma once
#include <string>
#include <string_view>

namespace todoku::mail {

/// Appends text with & < > " ' as character references: good for content and for quoted attributes.
void append_html_escaped(std::string& out, std::string_view text);

}  // namespace todoku::mail
