#include "intake/spoofing/network_owners.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace todoku::intake::spoofing {
namespace {

/// A database of 203.0.113.0/24 alone, as the format's specification (version 2.0) lays it out.
class Database {
 public:
  static std::string bytes() {
    constexpr unsigned kNodes = 24, kNetwork = 203U << 16 | 0U << 8 | 113U;
    std::string tree;
    for (unsigned node = 0; node < kNodes; ++node) {
      const unsigned next = node + 1 == kNodes ? kNodes + 16 : node + 1;  // the data's first record
      const bool right = (kNetwork >> (kNodes - 1 - node) & 1U) != 0;
      tree += record(right ? kNodes : next) + record(right ? next : kNodes);
    }
    const std::string data = map(2) + text("autonomous_system_number") + number(6, 64500) +
                             text("autonomous_system_organization") + text("Example Networks");
    return tree + std::string(16, '\0') + data + "\xab\xcd\xefMaxMind.com" + metadata(kNodes);
  }

 private:
  static std::string record(unsigned value) {
    return {static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  static std::string map(unsigned size) { return {static_cast<char>(7U << 5 | size)}; }
  static std::string text(std::string_view value) {
    std::string out;
    if (value.size() < 29) {
      out += static_cast<char>(2U << 5 | value.size());
    } else {
      out += static_cast<char>(2U << 5 | 29U);
      out += static_cast<char>(value.size() - 29);
    }
    return out.append(value);
  }
  static std::string number(unsigned type, unsigned value) {
    return {static_cast<char>(type << 5 | 2U), static_cast<char>(value >> 8), static_cast<char>(value)};
  }
  static std::string metadata(unsigned nodes) {
    std::string out = map(9) + text("node_count") + number(6, nodes) + text("record_size") + number(5, 24) +
                      text("ip_version") + number(5, 4) + text("database_type") + text("Test-ASN") + text("languages");
    out += {'\0', '\x04'};  // an array of none
    out += text("binary_format_major_version") + number(5, 2) + text("binary_format_minor_version") + number(5, 0) +
           text("build_epoch");
    out += {'\x01', '\x02', '\x01'};  // 64 bits wide, 1
    return out + text("description") + map(0);
  }
};

class NetworkOwnersTest : public testing::Test {
 protected:
  ~NetworkOwnersTest() override { std::filesystem::remove(file_); }
  void write(const std::string& bytes) { std::ofstream(file_, std::ios::binary) << bytes; }
  std::filesystem::path file_ = testing::TempDir() + "owners-" + std::to_string(::getpid()) + ".mmdb";
};

TEST_F(NetworkOwnersTest, TellsWhoOwnsANetwork) {
  write(Database::bytes());
  const auto owners = NetworkOwners::open(file_);
  ASSERT_TRUE(owners.ok()) << owners.error().text();
  EXPECT_EQ(owners->of("203.0.113.66"), "Example Networks (AS64500)");
  EXPECT_EQ(owners->of("203.0.114.66"), "");
  EXPECT_EQ(owners->of("2001:db8::1"), "") << "the database has IPv4 alone";
  EXPECT_EQ(owners->of("nowhere"), "");
}

TEST_F(NetworkOwnersTest, AFileThatIsNoDatabaseIsAnError) {
  const auto missing = NetworkOwners::open(file_);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, base::ErrorCode::io);
  write("nonsense");
  const auto broken = NetworkOwners::open(file_);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code, base::ErrorCode::invalid);
}

}  // namespace
}  // namespace todoku::intake::spoofing
