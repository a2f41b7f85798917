#include "intake/spoofing/sources.h"

#include <algorithm>
#include <map>
#include <utility>

#include "intake/spoofing/alerts.h"
#include "intake/spoofing/spoofing_queries.h"
#include "mail/organisational_domain.h"
#include "store/utf8.h"

namespace todoku::intake::spoofing {
namespace {

using authentication::DmarcReport;
using authentication::DmarcRow;
using store::to_storable_text;

constexpr std::size_t kMostSources = 1000;  // of one report, kept each for itself
constexpr std::size_t kMostName = 300;

using Selectors = std::set<std::pair<std::string, std::string>>;

Selectors own_selectors(store::Connection& db) {
  Selectors selectors;
  store::Rows rows = db.query(kSelectors);
  while (rows.next()) selectors.emplace(rows.text(0), rows.text(1));
  return selectors;
}

/// Nobody passes in the name of a domain without its key; where the receiver leaves the selector out, it is ours.
bool is_signed(const DmarcRow& row, const Selectors& selectors) {
  return std::ranges::any_of(row.dkim, [&](const authentication::DmarcAuthResult& result) {
    if (result.result != "pass") return false;
    if (!result.selector.empty()) return selectors.contains({result.domain, result.selector});
    const auto first = selectors.lower_bound({result.domain, ""});
    return first != selectors.end() && first->first == result.domain;
  });
}

std::string_view known_disposition(std::string_view word) {
  for (const std::string_view known : {"none", "quarantine", "reject"}) {
    if (word == known) return known;
  }
  return "";
}

/// Those of RFC 7489; any other word is "other".
std::string_view known_excuse(const std::vector<std::string>& overrides) {
  if (overrides.empty()) return "";
  for (const std::string_view known :
       {"forwarded", "mailing_list", "trusted_forwarder", "sampled_out", "local_policy"}) {
    if (std::ranges::find(overrides, known) != overrides.end()) return known;
  }
  return "other";
}

std::map<SourceKey, std::int64_t> counted(const DmarcReport& report, Spring spring, const Selectors& selectors) {
  std::map<SourceKey, std::int64_t> sources;
  for (const DmarcRow& row : report.rows) {
    SourceKey key{.address = row.source,
                  .spring = std::string(to_string(spring)),
                  .signed_by_us = is_signed(row, selectors),
                  .dkim = row.dkim_aligned,
                  .spf = row.spf_aligned,
                  .disposition = std::string(known_disposition(row.disposition)),
                  .excuse = std::string(known_excuse(row.overrides))};
    sources[std::move(key)] += row.mails;
  }
  return sources;
}

/// The sources of the fewest mails as one without an address, so that no report fills the table.
void fold(std::map<SourceKey, std::int64_t>& sources) {
  if (sources.size() <= kMostSources) return;
  std::vector<std::int64_t> counts;
  for (const auto& [key, mails] : sources) counts.push_back(mails);
  std::ranges::nth_element(counts, counts.begin() + kMostSources, std::greater<>());
  const std::int64_t least = counts[kMostSources];
  std::map<SourceKey, std::int64_t> folded;
  for (auto& [key, mails] : sources) {
    SourceKey place = key;
    if (mails <= least) place.address.clear();
    folded[std::move(place)] += mails;
  }
  sources = std::move(folded);
}

void add(store::Connection& db, const std::string& domain, std::int64_t day, const SourceKey& key, std::int64_t mails) {
  db.execute(kAddSource, {domain, day, key.address, key.spring, key.signed_by_us, key.dkim, key.spf, key.disposition,
                          key.excuse, mails});
}

bool add_report(store::Connection& db, const DmarcReport& report, const Brought& brought, base::Time now) {
  const auto text = [](const std::string& foreign) { return to_storable_text(foreign.substr(0, kMostName)); };
  const std::string organisation = text(report.organisation), domain = text(report.policy.domain),
                    email = text(report.email), policy = text(report.policy.policy),
                    sub_policy = text(report.policy.sub_policy), problem = text(report.problem);
  // Without a name of its own, its time tells it from the receiver's others.
  const std::string id = report.id.empty() ? "begin " + std::to_string(base::to_stored(report.begin)) : text(report.id);
  std::int64_t mails = 0;
  for (const DmarcRow& row : report.rows) mails += row.mails;
  const store::Value intake = brought.intake == 0 ? store::Value(store::Null{}) : store::Value(brought.intake);
  return db.execute(kAddReport, {organisation, id, domain, email, report.begin, report.end, policy, sub_policy,
                                 report.policy.percent, static_cast<std::int64_t>(report.rows.size()), mails, problem,
                                 intake, now, brought.proven}) > 0;
}

bool has_key(store::Connection& db, const std::string& domain) {
  return !domain.empty() && db.query_integer(kHasKey, {domain}).has_value();
}

/// In whose name of ours the mail was; empty: in nobody's.
std::string named_domain(store::Connection& db, const Sighting& sighting) {
  const std::string& from = sighting.from_domain;
  if (has_key(db, from)) return from;
  const bool related = !from.empty() && !sighting.own_domain.empty() &&
                       mail::organisational_domain(from) == mail::organisational_domain(sighting.own_domain);
  if (related) return from;
  return sighting.forged ? sighting.own_domain : "";
}

}  // namespace

std::vector<SourceDay> source_days(store::Connection& db, std::string_view domain, std::int64_t first,
                                   std::int64_t last) {
  std::vector<SourceDay> days;
  store::Rows rows = db.query(kSources, {domain, first, last});
  while (rows.next()) {
    days.push_back({.day = rows.integer(0),
                    .key = {.address = std::string(rows.text(1)),
                            .spring = std::string(rows.text(2)),
                            .signed_by_us = rows.integer(3) != 0,
                            .dkim = rows.integer(4) != 0,
                            .spf = rows.integer(5) != 0,
                            .disposition = std::string(rows.text(6)),
                            .excuse = std::string(rows.text(7))},
                    .mails = rows.integer(8)});
  }
  return days;
}

std::optional<Changed> record_report(store::Connection& db, const DmarcReport& report, const Brought& brought,
                                     base::Time now) {
  if (!add_report(db, report, brought, now)) return std::nullopt;
  const bool dated = report.begin > base::Time{} && report.begin <= now + std::chrono::days(1);
  const std::int64_t day = day_of(dated ? report.begin : now);
  auto sources = counted(report, brought.proven ? Spring::dmarc : Spring::unproven, own_selectors(db));
  fold(sources);
  const std::string domain = to_storable_text(report.policy.domain.substr(0, kMostName));
  for (const auto& [key, mails] : sources) add(db, domain, day, key, mails);
  return Changed{domain, {day}};
}

std::optional<Changed> record_sighting(store::Connection& db, const Sighting& sighting, base::Time now) {
  const std::string domain = named_domain(db, sighting);
  if (domain.empty()) return std::nullopt;
  SourceKey key;
  key.address = sighting.address;
  key.spring = to_string(sighting.spring);
  add(db, domain, day_of(now), key, 1);
  return Changed{domain, {day_of(now)}};
}

}  // namespace todoku::intake::spoofing
