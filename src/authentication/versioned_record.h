// "v=STSv1; id=20160831085700Z;" : a TXT record of fields behind a version, as MTA-STS (RFC 8461 section 3.1) and
// TLS-RPT (RFC 8460 section 3) have it.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace todoku::authentication {

/// Views into the record.
class VersionedRecord {
 public:
  static constexpr std::size_t kMostFields = 64;

  /// Nothing where it does not begin with exactly this version ("v=STSv1"), or is not made of fields.
  static std::optional<VersionedRecord> parse(std::string_view text, std::string_view version);

  /// Of all TXT records at one name: the only one with this version. Two of them are none (both RFCs).
  static std::optional<VersionedRecord> only_one(std::span<const std::string> records, std::string_view version);

  /// Of fields of one name the first counts.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> fields_;
};

}  // namespace todoku::authentication
