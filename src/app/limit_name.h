// What a limit is called, by the span that it holds for.
#pragma once
#include <string>

#include "base/duration.h"

namespace todoku::app {

/// "connections" (0), "mails_per_second", …; spans that have no setting of their own: "mails_per_2s".
[[nodiscard]] std::string limit_name(base::Duration span);

}  // namespace todoku::app
