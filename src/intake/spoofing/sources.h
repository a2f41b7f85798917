// The stored counts of mails in a domain's name, by day and source; and what is added to them.
//
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dmarc_report.h"
#include "base/clock.h"
#include "intake/spoofing/origin.h"
#include "intake/spoofing/sighting.h"
#include "store/connection.h"

namespace todoku::intake::spoofing {

struct SourceDay {
  std::int64_t day = 0;  // since 1970, UTC
  SourceKey key;
  std::int64_t mails = 0;
};
[[nodiscard]] std::vector<SourceDay> source_days(store::Connection& db, std::string_view domain, std::int64_t first,
                                                 std::int64_t last);

/// What a record changed; for the watch over it.
struct Changed {
  std::string domain;
  std::set<std::int64_t> days;
};

/// How a report came.
struct Brought {
  std::int64_t intake = 0;  // the mail that brought it; 0: a file
  bool proven = true;       // it is its receiver's for sure
};

/// Adds a report's rows, those of the most mails one by one and the others as one. Nothing where the report was there
/// before; a proven one outranks an unproven one of the same name, whose rows stay apart.
std::optional<Changed> record_report(store::Connection& db, const authentication::DmarcReport& report,
                                     const Brought& brought, base::Time now);

/// Counts one mail. Nothing where it was not in the name of a domain of ours.
std::optional<Changed> record_sighting(store::Connection& db, const Sighting& sighting, base::Time now);

}  // namespace todoku::intake::spoofing
