// The genuine bounces of tests/data/bounces, whose labels are known by construction, through the whole analyser.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "base/ascii.h"
#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

struct Label {
  std::string file, kind, recipient, reason;
};

std::filesystem::path folder() { return std::filesystem::path(TODOKU_SOURCE_DIR) / "tests/data/bounces"; }

std::vector<Label> labels() {
  std::ifstream in(folder() / "labels.tsv");
  std::vector<Label> out;
  std::string line;
  std::getline(in, line);  // names of the columns
  while (std::getline(in, line)) {
    std::istringstream row(line);
    Label label;
    std::getline(row, label.file, '\t');
    std::getline(row, label.kind, '\t');
    std::getline(row, label.recipient, '\t');
    std::getline(row, label.reason, '\t');
    out.push_back(std::move(label));
  }
  return out;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

const Rules& rules() {
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  return *kRules;
}

class OwnBounces : public testing::Test {
 protected:
  static const std::map<std::string, Report>& reports() {
    static const std::map<std::string, Report> kReports = [] {
      std::map<std::string, Report> out;
      const Analyser analyser(rules());
      for (const Label& label : labels()) {
        if (!out.contains(label.file)) out.emplace(label.file, analyser.analyse(content(folder() / label.file)));
      }
      return out;
    }();
    return kReports;
  }
  static const Diagnosis* diagnosis(const Label& label) {
    for (const Diagnosis& one : reports().at(label.file).recipients) {
      if (base::iequals(one.address, label.recipient)) return &one;
    }
    return nullptr;
  }
};

TEST_F(OwnBounces, AreThere) { EXPECT_GE(reports().size(), 150u); }

TEST_F(OwnBounces, EveryMailIsWhatItIs) {
  for (const Label& label : labels()) EXPECT_EQ(to_string(reports().at(label.file).kind), label.kind) << label.file;
}

TEST_F(OwnBounces, EveryRecipientIsFound) {
  for (const Label& label : labels()) {
    if (!label.recipient.empty()) EXPECT_NE(diagnosis(label), nullptr) << label.file << ": " << label.recipient;
  }
}

TEST_F(OwnBounces, NoAddressIsCondemnedWrongly) {
  for (const Label& label : labels()) {
    const Diagnosis* said = label.recipient.empty() ? nullptr : diagnosis(label);
    const auto reason = reason_of(label.reason);
    if (said == nullptr || !reason || said->effect != Effect::hard) continue;
    EXPECT_TRUE(*reason == Reason::user_unknown || *reason == Reason::host_unknown || *reason == Reason::moved ||
                *reason == Reason::no_mail_accepted)
        << label.file << ": " << label.reason << ", said " << to_string(said->reason);
  }
}

TEST_F(OwnBounces, CausesAreRead) {
  int right = 0;
  int all = 0;
  for (const Label& label : labels()) {
    const Diagnosis* said = label.recipient.empty() ? nullptr : diagnosis(label);
    if (said == nullptr) continue;
    ++all;
    right += to_string(said->reason) == label.reason ? 1 : 0;
  }
  EXPECT_EQ(right, all) << "tests/check-bounces lists the others";
}

}  // namespace
}  // namespace todoku::bounce
