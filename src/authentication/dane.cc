#include "authentication/dane.h"

#include <fmt/format.h>

namespace todoku::authentication {
namespace {

constexpr std::uint8_t kTrustAnchor = 2, kEndEntity = 3;
constexpr std::uint8_t kPublicKey = 1;
constexpr std::uint8_t kWhole = 0, kSha256 = 1, kSha512 = 2;

bool right_length(const net::TlsaRecord& record) {
  switch (record.matching) {
    case kWhole:
      return !record.data.empty();
    case kSha256:
      return record.data.size() == 32;
    case kSha512:
      return record.data.size() == 64;
    default:
      return false;
  }
}

}  // namespace

std::string tlsa_record_name(std::string_view host, std::uint16_t port) {
  return fmt::format("_{}._tcp.{}", port, host);
}

bool usable_for_smtp(const net::TlsaRecord& record) {
  const bool usage = record.usage == kTrustAnchor || record.usage == kEndEntity;
  return usage && record.selector <= kPublicKey && right_length(record);
}

std::vector<net::TlsaRecord> usable_for_smtp(std::vector<net::TlsaRecord> records) {
  std::erase_if(records, [](const net::TlsaRecord& record) { return !usable_for_smtp(record); });
  return records;
}

std::string to_text(const net::TlsaRecord& record) {
  std::string text = fmt::format("{} {} {} ", record.usage, record.selector, record.matching);
  for (const char c : record.data) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

}  // namespace todoku::authentication
