#include "authentication/dmarc_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "base/gzip.h"

namespace todoku::authentication {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

std::string seed(const std::string& name) {
  std::ifstream file(TODOKU_SOURCE_DIR "/fuzz/seeds/dmarc_report/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

using Entries = std::vector<std::pair<std::string, std::string>>;

std::string zip_of(const Entries& entries) {
  std::string out(32 << 20, '\0');
  std::size_t used = 0;
  archive* zip = archive_write_new();
  archive_write_set_format_zip(zip);
  archive_write_open_memory(zip, out.data(), out.size(), &used);
  for (const auto& [name, content] : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(zip, entry);
    archive_write_data(zip, content.data(), content.size());
    archive_entry_free(entry);
  }
  archive_write_close(zip);
  archive_write_free(zip);
  out.resize(used);
  return out;
}

base::Error error_of(std::string_view file) {
  const auto read = read_dmarc_file(file);
  if (!read) return read.error();
  ADD_FAILURE() << "it was read";
  return {};
}

TEST(DmarcFileTest, ReadsXmlGzipAndZipAlike) {
  for (const char* name : {"google.xml", "google.xml.gz", "google.zip"}) {
    SCOPED_TRACE(name);
    const auto reports = read_dmarc_file(seed(name));
    ASSERT_TRUE(reports.ok()) << reports.error().text();
    ASSERT_THAT(*reports, SizeIs(1));
    EXPECT_THAT(reports->front().rows, SizeIs(3));
    EXPECT_EQ(reports->front().problem, "");
  }
}

TEST(DmarcFileTest, ReadsEveryReportOfAZip) {
  const auto reports = read_dmarc_file(zip_of({{"a.xml", seed("google.xml")},
                                               {"readme.txt", "hello"},
                                               {"__MACOSX/._a.xml", "<x"},
                                               {"b.xml", seed("yahoo.xml")},
                                               {"broken.xml", "<html>"}}));
  ASSERT_TRUE(reports.ok()) << reports.error().text();
  EXPECT_THAT(*reports, SizeIs(2));
}

TEST(DmarcFileTest, KeepsWhatATornFileHolds) {
  std::string rows;
  for (int i = 0; i < 2000; ++i) {
    rows += "<record><row><source_ip>192.0.2." + std::to_string(i * 7919 % 256) + "</source_ip><count>" +
            std::to_string(1 + i * 31 % 977) + "</count></row></record>";
  }
  const std::string xml =
      "<feedback><policy_published><domain>example.jp</domain></policy_published>" + rows + "</feedback>";
  for (const std::string& whole : {base::gzip(xml), zip_of({{"a.xml", xml}})}) {
    const auto reports = read_dmarc_file(std::string_view(whole).substr(0, whole.size() / 2));
    ASSERT_TRUE(reports.ok()) << reports.error().text();
    EXPECT_GT(reports->front().rows.size(), 100U);
    EXPECT_LT(reports->front().rows.size(), 2000U);
    EXPECT_NE(reports->front().problem, "");
  }
}

TEST(DmarcFileTest, BombsAreHarmless) {
  const std::string zeros(64 << 20, ' ');
  EXPECT_EQ(error_of(base::gzip(zeros)).code, base::ErrorCode::limit);
  EXPECT_EQ(error_of(base::gzip("<feedback>" + zeros.substr(0, 8 << 20))).code, base::ErrorCode::limit)
      << "by its ratio";
  EXPECT_EQ(error_of(zip_of({{"a.xml", "<" + zeros.substr(0, 20 << 20)}})).code, base::ErrorCode::limit);
  EXPECT_EQ(error_of(zip_of(Entries(60, {"a.xml", "<a/>"}))).code, base::ErrorCode::limit);
  EXPECT_EQ(error_of(base::gzip(base::gzip(seed("google.xml")))).code, base::ErrorCode::refused);
  EXPECT_EQ(error_of(zip_of({{"a.zip", zip_of({{"a.xml", seed("google.xml")}})}})).code, base::ErrorCode::refused);
}

TEST(DmarcFileTest, AnEncryptedZipIsRefusedInWords) {
  std::string zip = zip_of({{"a.xml", seed("google.xml")}});
  zip[6] = static_cast<char>(zip[6] | 1);  // the flag of the local header, and of the directory's
  const std::size_t directory = zip.rfind("PK\x01\x02");
  zip[directory + 8] = static_cast<char>(zip[directory + 8] | 1);
  const base::Error error = error_of(zip);
  EXPECT_EQ(error.code, base::ErrorCode::refused);
  EXPECT_THAT(error.message, HasSubstr("encrypted"));
}

TEST(DmarcFileTest, OtherThingsAreNoReports) {
  EXPECT_EQ(error_of("").code, base::ErrorCode::invalid);
  EXPECT_EQ(error_of("{\"organization-name\": \"x\"}").code, base::ErrorCode::invalid);
  EXPECT_EQ(error_of("BZh91AY&SY").code, base::ErrorCode::invalid);
  EXPECT_EQ(error_of(zip_of({{"report.pdf", "%PDF-1.4"}})).code, base::ErrorCode::invalid);
  EXPECT_EQ(error_of(std::string("\x1f\x8b\x08\0\0", 5)).code, base::ErrorCode::invalid);
}

}  // namespace
}  // namespace todoku::authentication
