// When a kept MTA-STS policy holds, and when it is fetched anew (RFC 8461 sections 3.1, 5.1 and 10.2). Pure.
//
// A policy that was fetched once holds until it is too old, whatever DNS and the web server say or do not say
// meanwhile: somebody in between can make both fall silent. Only a newer policy takes its place.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "authentication/sts_policy.h"
#include "base/clock.h"

namespace todoku::authentication {

struct KeptStsPolicy {
  std::string id;  // announced in DNS when it was fetched
  StsPolicy policy;
  base::Time fetched_at;
  [[nodiscard]] base::Time until() const { return fetched_at + policy.max_age; }
};

/// After a failed fetch the next one waits as long (section 3.3).
inline constexpr base::Duration kStsFetchPause{5 * 60'000};

enum class StsStep : std::uint8_t {
  none,   // the domain has no policy
  keep,   // the kept one holds
  fetch,  // get it; where that fails, the kept one holds if it is not too old
};

/// `kept` may be null. `announced`: the id in DNS; nothing where there is none or DNS does not answer. `failed_at`:
/// when fetching failed the last time.
[[nodiscard]] StsStep next_step(const KeptStsPolicy* kept, const std::optional<std::string>& announced, base::Time now,
                                std::optional<base::Time> failed_at);

/// What to go by when there is nothing new: the kept policy unless it is too old; null otherwise.
[[nodiscard]] const KeptStsPolicy* holding(const KeptStsPolicy* kept, base::Time now);

}  // namespace todoku::authentication
