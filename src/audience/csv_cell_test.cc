#include "audience/csv_cell.h"

#include <gtest/gtest.h>

namespace todoku::audience {
namespace {

std::string cell(std::string_view field) {
  std::string line;
  append_csv_cell(line, field);
  return line;
}

TEST(CsvCell, IsNoFormula) {
  EXPECT_EQ(cell("=1+1"), "'=1+1");
  EXPECT_EQ(cell("+81 3"), "'+81 3");
  EXPECT_EQ(cell("-2"), "'-2");
  EXPECT_EQ(cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
  EXPECT_EQ(cell("\t=1"), "\"'\t=1\"");
  EXPECT_EQ(cell("\r\n=1"), "\"'\r\n=1\"");
}

TEST(CsvCell, LeavesOtherTextsAlone) {
  EXPECT_EQ(cell(""), "");
  EXPECT_EQ(cell("aoi@example.jp"), "aoi@example.jp");
  EXPECT_EQ(cell("山田, 葵"), "\"山田, 葵\"");
  EXPECT_EQ(cell("550 5.1.1 <a=b>"), "550 5.1.1 <a=b>");
}

}  // namespace
}  // namespace todoku::audience
