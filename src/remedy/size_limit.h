// How large a mail a receiver takes, as far as anybody said: the words of its refusals, and what is known of providers.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "remedy/resend.h"
#include "store/connection.h"

namespace todoku::remedy {

/// In bytes, out of a refusal's words in any language: a number with a unit ("10 MB", "10240 kB"), or a large one
/// beside a word for a limit ("SIZE 10240000", "exceeds size limit 10485760"). Of several the smallest: the others are
/// the mail's own size. Below 10 kB nothing counts.
[[nodiscard]] std::optional<std::int64_t> size_limit_in(std::string_view text);

/// For each of these recipients of the campaign, whose mail failed for one of the reasons: what their own server said,
/// else what it said to others of their domain, else what the provider is known for. Missing: nobody said anything.
[[nodiscard]] std::map<base::ContactId, std::int64_t> size_limits(store::Connection& db, base::CampaignId campaign,
                                                                  const std::vector<bounce::Reason>& reasons,
                                                                  const std::vector<Recipient>& recipients);

}  // namespace todoku::remedy
