// TLS-RPT (RFC 8460): a day's sessions towards a domain as the report that its owner asked for. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/reported_policy.h"
#include "base/clock.h"

namespace todoku::authentication {

/// "_smtp._tls.example.jp"
[[nodiscard]] std::string tls_report_record_name(std::string_view domain);

/// Where the TXT records there ask reports to be sent: the addresses of mailto: without what follows a "?", and https:
/// URLs as they are. Nothing where they ask for none. At most kMostReportUris.
struct ReportUris {
  std::vector<std::string> mail;
  std::vector<std::string> https;
  [[nodiscard]] bool empty() const { return mail.empty() && https.empty(); }
};
inline constexpr std::size_t kMostReportUris = 10;
[[nodiscard]] ReportUris tls_report_uris(std::span<const std::string> txt_records);

struct TlsFailures {
  std::string result;  // "starttls-not-supported", ... (section 4.3)
  std::string mx;
  std::string address;  // the receiving server's
  std::string source;   // ours
  std::string detail;
  std::int64_t sessions = 0;
};

struct PolicyResults {
  ReportedPolicy policy;
  std::int64_t good = 0;
  std::vector<TlsFailures> failures;
  [[nodiscard]] std::int64_t bad() const;
};

struct TlsReport {
  std::string organisation;
  std::string contact;
  std::string submitter;  // our domain
  std::string domain;     // whose policies
  std::int64_t day = 0;   // since 1970, UTC
  std::vector<PolicyResults> policies;

  [[nodiscard]] std::string id() const;
  /// "origin.example!example.jp!1470013207!1470186007!001.json.gz"
  [[nodiscard]] std::string file_name() const;
};

[[nodiscard]] std::string to_json(const TlsReport& report);

/// The mail that brings it (section 5.3), not signed.
[[nodiscard]] std::string report_mail(const TlsReport& report, std::string_view from, std::string_view to,
                                      base::Time now);

inline constexpr std::int64_t kDayMs = 24L * 3600 * 1000;
[[nodiscard]] inline std::int64_t day_of(base::Time at) { return base::to_stored(at) / kDayMs; }

}  // namespace todoku::authentication
