// The accounts of source addresses that are being warmed up, in the database: they outlive a restart, and all nodes
// that send from an address share its caps.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "delivery/warm_up_share.h"
#include "store/connection.h"

namespace todoku::delivery {

/// What a node says to one account.
struct WarmUpLine {
  std::string source;  // its address
  std::string receiver;
  std::span<const std::int64_t> plan;  // lives longer
  WarmUpShare::Asking asking;
};

/// In the caller's transaction; answers as the lines.
[[nodiscard]] std::vector<WarmUpShare::Answer> exchange_warm_ups(store::Connection& db,
                                                                 std::span<const WarmUpLine> lines, base::Time now);

/// Where an address stands at a receiver; nothing: no mail went there from it.
[[nodiscard]] std::optional<WarmUp::State> warm_up_of(store::Connection& db, const std::string& source,
                                                      const std::string& receiver);

}  // namespace todoku::delivery
