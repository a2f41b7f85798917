// The time of the clock that all who use a database have in common.
#pragma once
#include "base/clock.h"
#include "store/connection.h"

namespace todoku::store {

/// On PostgreSQL its server's, however the clocks of the machines around it differ; on SQLite this machine's.
[[nodiscard]] base::Time time_of(Connection& db);

}  // namespace todoku::store
