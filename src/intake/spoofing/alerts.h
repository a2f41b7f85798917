// Days on which more mail than usual came in a domain's name from elsewhere, kept until somebody acknowledges them.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "intake/spoofing/own_sources.h"
#include "store/connection.h"

namespace todoku::intake::spoofing {

struct Alert {
  std::int64_t id = 0;
  std::string domain;
  std::string kind;      // an Origin: elsewhere, authorised
  std::int64_t day = 0;  // since 1970
  std::int64_t mails = 0;
  double usual = 0;     // a day
  std::string address;  // where most came from; empty: not known
  base::Time at;
};

/// Looks at these days of the domain and keeps an alert for each that leaps, or raises the one that is there. In the
/// caller's transaction. Days long past are left alone: old reports are history, not news.
void watch(store::Connection& db, const std::string& domain, const std::set<std::int64_t>& days, const OwnSources& own,
           base::Time now);

/// Those that nobody acknowledged, the newest first; `domain` empty: of all.
[[nodiscard]] std::vector<Alert> open_alerts(store::Connection& db, std::string_view domain, std::int64_t most = 100);
/// How many; by their numbers or all of a domain (empty: of all).
std::int64_t acknowledge(store::Connection& db, std::string_view domain, base::Time now);
std::int64_t acknowledge(store::Connection& db, std::int64_t alert, base::Time now);
[[nodiscard]] std::map<std::string, std::int64_t> count_open_alerts(store::Connection& db);

[[nodiscard]] inline std::int64_t day_of(base::Time time) { return base::to_stored(time) / 86'400'000; }

}  // namespace todoku::intake::spoofing
