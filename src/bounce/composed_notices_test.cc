// The mails of tests/data/notices: what each is, whom it tells of and why.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>

#include "base/ascii.h"
#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(TODOKU_SOURCE_DIR) / "tests/data/notices";

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool told_rightly(const Report& report, const std::string& address, const std::string& reasons) {
  const std::vector<std::string> right = split(reasons, '|');
  return std::ranges::any_of(report.recipients, [&](const Diagnosis& said) {
    return base::iequals(said.address, address) && std::ranges::find(right, to_string(said.reason)) != right.end();
  });
}

using Named = std::map<std::string, std::vector<std::string>>;  // file → its recipients' addresses

/// A sender or whom to ask is nobody whose mail failed.
void expect_nobody_else(const Report& report, const std::string& file, const Named& named) {
  const auto right = named.find(file);
  if (right == named.end()) return;
  for (const Diagnosis& said : report.recipients) {
    EXPECT_TRUE(
        std::ranges::any_of(right->second, [&](const std::string& a) { return base::iequals(a, said.address); }))
        << file << ": " << said.address;
  }
}

std::vector<std::vector<std::string>> labels() {
  std::ifstream in(kFolder / "labels.tsv");
  std::string line;
  std::getline(in, line);  // names of the columns
  std::vector<std::vector<std::string>> rows;
  while (std::getline(in, line)) rows.push_back(split(line, '\t'));
  return rows;
}

TEST(ComposedNotices, AreReadRight) {
  const std::unique_ptr<Rules> rules = *Rules::load();
  const Analyser analyser(*rules);
  Named named;
  for (const auto& row : labels())
    if (row.size() > 3) named[row[0]].push_back(row[2]);
  int read = 0;
  for (const auto& row : labels()) {
    ASSERT_GE(row.size(), 2u);
    const Report report = analyser.analyse(content(kFolder / row[0]));
    EXPECT_EQ(to_string(report.kind), row[1]) << row[0];
    if (row.size() > 3) EXPECT_TRUE(told_rightly(report, row[2], row[3])) << row[0] << ' ' << row[2];
    expect_nobody_else(report, row[0], named);
    ++read;
  }
  EXPECT_GE(read, 900);
}

}  // namespace
}  // namespace todoku::bounce
