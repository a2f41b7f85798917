// 10,000 damaged mails of a corpus: none may give an address up for dead that the undamaged mail did not. The corpus is
// named by TODOKU_TEST_BOUNCES (a folder of mails, walked); without it our own bounces are damaged, 2,000 times.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <set>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/analyser.h"

namespace todoku::bounce {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> mails(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && entry.file_size() < 256 * 1024) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> out;
  for (const fs::path& path : paths) {
    std::ifstream in(path, std::ios::binary);
    out.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return out;
}

/// What happens to mails on their way: cut off, lines lost, doubled or run together, bytes damaged.
std::string damaged(std::string mail, std::mt19937& random) {
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  for (std::size_t times = 1 + below(4); times > 0 && !mail.empty(); --times) {
    const std::size_t at = below(mail.size());
    switch (below(6)) {
      case 0:
        mail.resize(at);
        break;
      case 1:
        mail[at] = static_cast<char>(below(256));
        break;
      case 2:
        mail.erase(at, below(80));
        break;
      case 3:
        mail.insert(at, mail.substr(below(mail.size()), below(80)));
        break;
      case 4:
        if (const std::size_t end = mail.find('\n', at); end != std::string::npos) mail.erase(end, 1);
        break;
      default:
        mail.insert(at, "\n");
        break;
    }
  }
  return mail;
}

std::set<std::string> condemned(const Report& report) {
  std::set<std::string> out;
  for (const Diagnosis& one : report.recipients) {
    if (one.effect == Effect::hard) out.insert(base::ascii_lower(one.address));
  }
  return out;
}

std::set<std::string> addresses_of(const std::string& mail) {
  std::set<std::string> out;
  for (const FoundAddress& found : find_addresses(mail, 100000)) out.insert(base::ascii_lower(found.in(mail)));
  return out;
}

TEST(Mutation, DamageCondemnsNobody) {
  const char* corpus = std::getenv("TODOKU_TEST_BOUNCES");  // NOLINT(concurrency-mt-unsafe): one thread
  const auto originals =
      mails(corpus != nullptr ? fs::path(corpus) : fs::path(TODOKU_SOURCE_DIR) / "tests/data/bounces");
  ASSERT_FALSE(originals.empty());
  const std::unique_ptr<Rules> rules = *Rules::load();
  const Analyser analyser(*rules);
  std::mt19937 random(20261103);
  const int rounds = corpus != nullptr ? 10000 : 2000;
  int wrong = 0;
  for (int i = 0; i < rounds; ++i) {
    const std::string& original = originals[random() % originals.size()];
    const auto before = condemned(analyser.analyse(original));
    const std::string bad = damaged(original, random);
    for (const std::string& address : condemned(analyser.analyse(bad))) {
      if (before.contains(address)) continue;
      // A damaged address is another one and nobody's; what counts is one of the original's that was let live.
      if (!addresses_of(original).contains(address)) continue;
      ++wrong;
      std::cerr << "round " << i << " condemns " << address << '\n';
    }
  }
  // Where the very words of the cause are lost, another cause may be the only one left to read.
  EXPECT_LE(wrong, rounds / 2000) << "of " << rounds;
}

}  // namespace
}  // namespace todoku::bounce
