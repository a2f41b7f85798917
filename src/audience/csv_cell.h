// Cells of CSV files for spreadsheets, which take a text that begins like a formula for one and run it.
#pragma once
#include <string>
#include <string_view>

namespace todoku::audience {

/// Appends `field` as CSV; a text that begins with = + - @, a tab or a line end gets a ' before it, which spreadsheets
/// do not show. Not for files that are read again.
void append_csv_cell(std::string& line, std::string_view field);

}  // namespace todoku::audience
