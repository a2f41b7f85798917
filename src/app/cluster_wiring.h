// What the nodes that send share of the receivers' limits: in Redis where one is set, else in the PostgreSQL that they
// work on.
#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "cluster/ledger.h"

namespace todoku::app {

class Context;

/// Null on SQLite without Redis: this process is the only one that sends. `node`: a name of its own for each process
/// and start; whoever only looks needs none. Errors: a setting that is no good, a database that cannot be reached;
/// Redis is reached when it is first asked.
[[nodiscard]] base::Result<std::unique_ptr<cluster::Ledger>> make_ledger(Context& context, const std::string& node);

}  // namespace todoku::app
