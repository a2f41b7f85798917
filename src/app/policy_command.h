// The parts of `todoku policy`, each in its file.
#pragma once
#include <string>
#include <vector>

#include "audience/stop_rule.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_policy_show(CLI::App& policy, Context& context);
void add_policy_history(CLI::App& policy, Context& context);
void add_policy_set(CLI::App& policy, Context& context);
void add_policy_unset(CLI::App& policy, Context& context);
void add_policy_restore(CLI::App& policy, Context& context);
void add_policy_simulate(CLI::App& policy, Context& context);

/// Rules from the command line. Errors: read_rule()'s, and a provider that nobody knows.
[[nodiscard]] base::Result<std::vector<audience::StopRule>> read_rules(const std::vector<std::string>& texts);

}  // namespace todoku::app
