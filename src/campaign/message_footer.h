// The legal footer, for templates that do not write their own.
#pragma once
#include <string>
#include <string_view>

#include "campaign/template.h"

namespace todoku::campaign {

/// Puts the footer at the text's end.
void append_text_footer(SourceText& text, std::string_view language);
/// Puts it before </body>, else at the end; no line of what stands before moves.
void append_html_footer(SourceText& html, std::string_view language);
/// Puts the list of files to fetch (downloads, downloads_until) at the end, in the same places.
void append_text_downloads(SourceText& text, std::string_view language);
void append_html_downloads(SourceText& html, std::string_view language);
/// Puts the line that mail readers show beside the subject at the body's beginning, hidden.
void insert_preheader(SourceText& html, const SourceText& preheader);

}  // namespace todoku::campaign
