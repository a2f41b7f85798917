// The settings about spoofing as intake takes them.
#pragma once
#include "app/config.h"
#include "base/result.h"
#include "intake/spoofing/own_sources.h"

namespace todoku::app {

/// Every address that mail of ours goes out from, and spoofing.own_sources. Errors: one that is none.
[[nodiscard]] base::Result<intake::spoofing::OwnSources> own_sources(const Config& config);

}  // namespace todoku::app
