// The database's side of transport security: kept MTA-STS policies, and the sessions to be reported
// (0007-transport.sql).
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/sts_cache.h"
#include "authentication/tls_report.h"
#include "store/connection.h"

namespace todoku::authentication {

struct DomainStsPolicy {
  std::string domain;
  KeptStsPolicy kept;
};
/// Those that are not too old; none whose text cannot be read any more.
[[nodiscard]] std::vector<DomainStsPolicy> kept_sts_policies(store::Connection& db, base::Time now);
/// In the place of the domain's former one.
void keep_sts_policy(store::Connection& db, const DomainStsPolicy& policy);

struct DomainResults {
  std::int64_t day = 0;
  std::string domain;
  PolicyResults results;
};
/// Adds to what is stored of that day, domain and kind of policy; the policy's text becomes the newer one.
void add_tls_results(store::Connection& db, std::span<const DomainResults> results);

enum class ReportState : std::uint8_t { waiting, sent, unwanted, failed };
[[nodiscard]] std::string_view to_string(ReportState state);

/// What is known of a domain's report of one day. Not tried yet: waiting, with no tries.
struct ReportEntry {
  std::int64_t day = 0;
  std::string domain;
  ReportState state = ReportState::waiting;
  std::int64_t tries = 0;
  base::Time tried_at{};
  std::string detail;
  std::int64_t good = 0;
  std::int64_t bad = 0;
};
/// Of the days from `first` to before `end`, by day and domain; with a domain, of that one alone.
[[nodiscard]] std::vector<ReportEntry> tls_report_entries(store::Connection& db, std::int64_t first, std::int64_t end,
                                                          std::string_view domain = {});
[[nodiscard]] std::vector<PolicyResults> tls_results_of(store::Connection& db, std::int64_t day,
                                                        std::string_view domain);
/// Reports of days before `today` that wait to be sent or tried again, the last try before `tried_before`; by day.
[[nodiscard]] std::vector<ReportEntry> due_tls_reports(store::Connection& db, std::int64_t today,
                                                       base::Time tried_before, std::int64_t limit);
/// Notes that the report is being tried now. False: another process took it since `entry` was read.
[[nodiscard]] bool claim_tls_report(store::Connection& db, const ReportEntry& entry, base::Time now);
/// Notes a try: state, tries and what follows of the entry.
void note_tls_report(store::Connection& db, const ReportEntry& entry);
/// Forgets all before this day.
void forget_tls_results(store::Connection& db, std::int64_t before_day);

}  // namespace todoku::authentication
