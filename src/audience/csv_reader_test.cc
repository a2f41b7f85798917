#include "audience/csv_reader.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace todoku::audience {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Table = std::vector<std::vector<std::string>>;

struct Outcome {
  Table rows;
  std::vector<std::int64_t> lines;
  std::string error;
  std::string where;
};

Outcome read(std::string_view text, std::size_t piece, CsvReader reader = CsvReader("t.csv")) {
  Outcome outcome;
  CsvRecord record;
  for (;;) {
    const auto step = reader.next(record);
    if (!step) {
      outcome.error = step.error().message;
      outcome.where = step.error().where;
      return outcome;
    }
    if (*step == CsvReader::Step::end) return outcome;
    if (*step == CsvReader::Step::record) {
      outcome.rows.emplace_back(record.fields.begin(), record.fields.end());
      outcome.lines.push_back(record.line);
    } else if (text.empty()) {
      reader.finish();
    } else {
      reader.feed(text.substr(0, piece));
      text.remove_prefix(std::min(piece, text.size()));
    }
  }
}

/// Whole, and byte by byte: both have to give the same.
Outcome read(std::string_view text) {
  auto whole = read(text, text.size() + 1);
  const auto bytewise = read(text, 1);
  EXPECT_EQ(whole.rows, bytewise.rows);
  EXPECT_EQ(whole.lines, bytewise.lines);
  EXPECT_EQ(whole.error, bytewise.error);
  EXPECT_EQ(whole.where, bytewise.where);
  return whole;
}

TEST(CsvReader, ReadsRecordsWithEveryKindOfLineEnd) {
  for (const std::string_view end : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (const std::string_view line : {"email,name", "a@example.jp,青木", "", "b@example.jp,"}) {
      text.append(line).append(end);
    }
    const auto outcome = read(text);
    EXPECT_EQ(outcome.rows, (Table{{"email", "name"}, {"a@example.jp", "青木"}, {"b@example.jp", ""}}));
    EXPECT_THAT(outcome.lines, ElementsAre(1, 2, 4));
  }
}

TEST(CsvReader, ReadsALastLineWithoutAnEnd) {
  EXPECT_EQ(read("a,b").rows, (Table{{"a", "b"}}));
  EXPECT_EQ(read("a,").rows, (Table{{"a", ""}}));
  EXPECT_EQ(read("a,\"b\"").rows, (Table{{"a", "b"}}));
  EXPECT_EQ(read("a,\"\"").rows, (Table{{"a", ""}}));
}

TEST(CsvReader, GivesNothingForNothing) {
  for (const std::string_view text : {"", "\xef\xbb\xbf", "\n", "\r\n\r\n", "\xef\xbb\xbf\n\n"}) {
    const auto outcome = read(text);
    EXPECT_THAT(outcome.rows, IsEmpty());
    EXPECT_EQ(outcome.error, "");
  }
}

TEST(CsvReader, UndoesQuotes) {
  EXPECT_EQ(read("\"a,\"\"b\"\"\",\"line 1\r\nline 2\n3\",\"\"\"\"\r\nc,5\" disk,d\n").rows,
            (Table{{"a,\"b\"", "line 1\r\nline 2\n3", "\""}, {"c", "5\" disk", "d"}}));
  EXPECT_EQ(read("\"a\" ,\"b\"  \n").rows, (Table{{"a", "b"}}));
}

TEST(CsvReader, CountsLinesInsideQuotes) { EXPECT_THAT(read("a\n\"1\n2\r\n3\r4\"\nb\n").lines, ElementsAre(1, 2, 6)); }

TEST(CsvReader, TellsTheDelimiterByTheFirstLine) {
  EXPECT_EQ(read("a\tb,c\td\n1\t2\t3\n").rows, (Table{{"a", "b,c", "d"}, {"1", "2", "3"}}));
  EXPECT_EQ(read("a;b\n1;2,3\n").rows, (Table{{"a", "b"}, {"1", "2,3"}}));
  EXPECT_EQ(read("\"a;b;c\",d\n").rows, (Table{{"a;b;c", "d"}}));
  EXPECT_EQ(read("email\nx@example.jp\n").rows, (Table{{"email"}, {"x@example.jp"}}));
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a;b\n")
                .rows,
            (Table{{"a", "b"}}));
}

TEST(CsvReader, SaysWhereANulIs) {
  const auto outcome = read(std::string_view("a,b\nc,あ\0d\n", 12));
  EXPECT_EQ(outcome.error, "a NUL byte");
  EXPECT_EQ(outcome.where, "t.csv:2:4");
  EXPECT_EQ(read(std::string_view("a\n\"b\n\0\"\n", 8)).where, "t.csv:3:1");
}

TEST(CsvReader, SaysWhereAQuoteOpenedThatIsNeverClosed) {
  const auto outcome = read("a,b\nc,\"d\ne,f\n");
  EXPECT_EQ(outcome.rows.size(), 1u);
  EXPECT_EQ(outcome.error, "a quote that is never closed");
  EXPECT_EQ(outcome.where, "t.csv:2:3");
}

TEST(CsvReader, RefusesTextAfterAClosingQuote) {
  const auto outcome = read("a,b\n\"c\nd\"e,f\n");
  EXPECT_EQ(outcome.error, "text after a closing quote");
  EXPECT_EQ(outcome.where, "t.csv:3:3");
}

TEST(CsvReader, StaysBrokenAfterAnError) {
  CsvReader reader("t.csv");
  CsvRecord record;
  reader.feed(std::string_view("a\0\nb\n", 5));
  ASSERT_FALSE(reader.next(record).ok());
  reader.feed("c\n");
  EXPECT_FALSE(reader.next(record).ok());
}

TEST(CsvReader, HoldsItsLimits) {
  const CsvLimits limits{.record = 20, .field = 10, .fields = 3};
  const auto limited = [&](std::string_view text) { return read(text, 7, CsvReader("t.csv", ',', limits)); };
  EXPECT_EQ(limited("0123456789,012345678\na,b\n").rows.size(), 2u);
  EXPECT_THAT(limited("a\n0,12345678901\n").error, HasSubstr("a field longer than 10 bytes"));
  EXPECT_EQ(limited("a\n0,12345678901\n").where, "t.csv:2:3");
  EXPECT_THAT(limited("a,b,c,d\n").error, HasSubstr("more than 3 fields"));
  EXPECT_THAT(limited("a\n0123456789,0123456789\n").error, HasSubstr("a record longer than 20 bytes"));
  EXPECT_THAT(limited("a\n\"0123456789,0123456789\n").error, HasSubstr("not closed within 20 bytes"));
  EXPECT_EQ(limited("a\n\"0123456789,0123456789\n").where, "t.csv:2:1");
}

TEST(CsvReader, StopsAfterALimitOfALineWithoutEnd) {
  CsvReader reader("t.csv");
  CsvRecord record;
  const std::string piece(std::size_t{64} << 10, 'x');
  std::size_t fed = 0;
  for (;;) {
    const auto step = reader.next(record);
    if (!step) {
      EXPECT_EQ(step.error().code, base::ErrorCode::limit);
      break;
    }
    ASSERT_EQ(*step, CsvReader::Step::more);
    ASSERT_LE(fed, CsvLimits{}.record + 2 * piece.size());
    reader.feed(piece);
    fed += piece.size();
  }
}

}  // namespace
}  // namespace todoku::audience
