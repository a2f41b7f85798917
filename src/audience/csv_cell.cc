#include "audience/csv_cell.h"

#include "audience/rejected_rows.h"

namespace todoku::audience {

void append_csv_cell(std::string& line, std::string_view field) {
  constexpr std::string_view kFormula = "=+-@\t\r\n";
  if (field.empty() || kFormula.find(field.front()) == std::string_view::npos) return append_csv_field(line, field);
  append_csv_field(line, "'" + std::string(field));
}

}  // namespace todoku::audience
