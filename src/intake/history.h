// What came in about mails to single contacts, by any road: for whoever weighs or tells their history.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/id.h"
#include "intake/consequences.h"
#include "store/connection.h"

namespace todoku::intake {

/// Ids of contacts that a bounce or another notice was joined to, ascending, beginning after `after`.
[[nodiscard]] std::vector<std::int64_t> contacts_with_notices(store::Connection& db, base::ContactId after,
                                                              std::int64_t limit);

/// All that Consequences was told about these contacts, again. The finding and its diagnosis, of which address, reason,
/// permanent, reply code, diagnostic and remote_mta are known, last for the call.
void each_finding(store::Connection& db, std::span<const std::int64_t> contacts,
                  const std::function<void(const Finding&)>& use);

}  // namespace todoku::intake
