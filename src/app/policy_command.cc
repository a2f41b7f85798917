// `todoku policy`: when errors stop a reader, in rules that people set.
#include "app/policy_command.h"

#include <CLI/App.hpp>

#include "app/commands.h"
#include "provider/providers.h"

namespace todoku::app {

base::Result<std::vector<audience::StopRule>> read_rules(const std::vector<std::string>& texts) {
  std::vector<audience::StopRule> rules;
  for (const std::string& text : texts) {
    auto rule = audience::read_rule(text);
    if (!rule) return std::move(rule).error();
    const std::string& receiver = rule->receiver;
    const bool is_name = !receiver.empty() && receiver.find('.') == std::string::npos;
    if (is_name && provider::Providers::built_in().of_name(receiver) == nullptr) {
      return base::Error{
          base::ErrorCode::not_found, "no provider is called " + receiver,
          "`todoku shaping show DOMAIN` tells a provider's name; a receiving domain may stand there, too", text};
    }
    audience::set_rule(rules, *std::move(rule));
  }
  return rules;
}

void add_policy(CLI::App& root, Context& context) {
  CLI::App* policy = root.add_subcommand("policy", "The stop policy: when errors stop a reader");
  policy->require_subcommand(1);
  policy->fallthrough();
  add_policy_show(*policy, context);
  add_policy_history(*policy, context);
  add_policy_set(*policy, context);
  add_policy_unset(*policy, context);
  add_policy_restore(*policy, context);
  add_policy_simulate(*policy, context);
}

}  // namespace todoku::app
