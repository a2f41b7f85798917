// tests/data/replies/sentences.tsv: a bounce's one decisive sentence in some forty languages, in a notice without any
// structure. Each has to be taken for a bounce, and its recipient and reason to be found.
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "bounce/analyser.h"
#include "bounce/rules.h"

namespace todoku::bounce {
namespace {

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::stringstream parts(line);
  for (std::string field; std::getline(parts, field, '\t');) fields.push_back(field);
  return fields;
}

std::string notice(const std::string& subject, const std::string& sentence, const std::string& address) {
  return "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\r\nTo: "
         "news@shop.example\r\nSubject: " +
         subject +
         "\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
         sentence + "\r\n\r\nFrom: Shop <news@shop.example>\r\nTo: " + address +
         "\r\nSubject: Spring news\r\n\r\nHello\r\n";
}

TEST(Sentences, OfAnyLanguageAreRead) {
  const auto loaded = Rules::load();
  ASSERT_TRUE(loaded.ok());
  const Analyser analyser(**loaded);
  std::ifstream in(TODOKU_SOURCE_DIR "/tests/data/replies/sentences.tsv");
  int read = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> fields = fields_of(line);
    ASSERT_EQ(fields.size(), 4u) << line;
    const std::string address = "reader@dest.example";
    std::string sentence = fields[3];
    sentence.replace(sentence.find("{}"), 2, address);
    const Report report = analyser.analyse(notice(fields[2], sentence, address));
    EXPECT_EQ(report.kind, Kind::bounce) << line;
    ASSERT_EQ(report.recipients.size(), 1u) << line;
    EXPECT_EQ(report.recipients[0].address, address) << line;
    EXPECT_EQ(to_string(report.recipients[0].reason), fields[1]) << line;
    ++read;
  }
  EXPECT_GE(read, 80);
}

}  // namespace
}  // namespace todoku::bounce
