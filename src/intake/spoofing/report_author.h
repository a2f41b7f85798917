// Whether a DMARC report's mail was written by who it says it is from: by a DKIM signature of its sender's domain.
// Pure; keys come through a function.
#pragma once
#include <string>
#include <string_view>

#include "authentication/dkim_verifier.h"
#include "base/clock.h"

namespace todoku::intake::spoofing {

/// The organisational domain that vouches for the mail's From; empty: none does. Only the sender's own signatures are
/// looked up.
[[nodiscard]] std::string proven_author(std::string_view mail, base::Time now,
                                        const authentication::DkimKeyLookup& lookup);

}  // namespace todoku::intake::spoofing
