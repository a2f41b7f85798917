// The mails of tests/data/notices: what each is, whom it tells of and why.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
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

TEST(ComposedNotices, AreReadRight) {
  const std::unique_ptr<Rules> rules = *Rules::load();
  const Analyser analyser(*rules);
  std::ifstream labels(kFolder / "labels.tsv");
  std::string line;
  std::getline(labels, line);  // names of the columns
  int read = 0;
  while (std::getline(labels, line)) {
    const std::vector<std::string> fields = split(line, '\t');
    ASSERT_GE(fields.size(), 2u) << line;
    const Report report = analyser.analyse(content(kFolder / fields[0]));
    EXPECT_EQ(to_string(report.kind), fields[1]) << line;
    if (fields.size() > 3) EXPECT_TRUE(told_rightly(report, fields[2], fields[3])) << line;
    ++read;
  }
  EXPECT_GE(read, 40);
}

}  // namespace
}  // namespace todoku::bounce
