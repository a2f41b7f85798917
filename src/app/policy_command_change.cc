// `todoku policy set`, `unset` and `restore`: each makes a new version, which holds from the next error on, in every
// process.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <functional>
#include <memory>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/phrase.h"
#include "app/policy_command.h"
#include "app/policy_words.h"
#include "base/clock.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::PolicyVersion;
using audience::StopRule;

constexpr Phrase kMade{"停止ルールを変更しました(第{}版)。次のエラーから有効です。",
                       "Changed the stop policy (version {}); it holds from the next error on."};
constexpr Phrase kSame{"停止ルールはすでにその内容です(第{}版)。", "The stop policy is that already (version {})."};
constexpr Phrase kTry{"過去の配信ではどうなったか: todoku policy simulate",
                      "What it would have done so far: todoku policy simulate"};

struct Arguments {
  std::vector<std::string> rules;
  std::int64_t version = 0;
  std::string author;
  std::string note;
};

using Rules = std::vector<StopRule>;
using Edit = std::function<base::Result<Rules>(store::Connection&, Rules)>;

void change(Context& context, const Arguments& arguments, const Edit& edit) {
  std::int64_t number = 0;
  bool changed = false;
  base::Result<Rules> rules = Rules();
  context.store().write_now([&](store::Connection& db) {
    const PolicyVersion now = audience::current_policy(db);
    rules = edit(db, now.rules);
    if (!rules) return;
    changed = *rules != now.rules;
    number = changed ? audience::add_policy(db, *rules, {arguments.author, arguments.note, base::SystemClock().now()})
                     : now.number;
  });
  if (!rules) return context.fail(rules.error(), 2);
  const auto language = context.lang();
  fmt::print("{}\n\n", fmt::format(fmt::runtime((changed ? kMade : kSame).in(language)), number));
  const PolicyVersion version{.number = number, .author = {}, .note = {}, .rules = *rules};
  for (const StopRule& rule : all_rules(version, stop_limits(context.config()))) {
    fmt::print("  {}\n", rule_sentence(rule, language));
  }
  fmt::print("\n{}\n", kTry.in(language));
}

void set(Context& context, const Arguments& arguments) {
  const auto wanted = read_rules(arguments.rules);
  if (!wanted) return context.fail(wanted.error(), 2);
  change(context, arguments, [&](store::Connection& /*db*/, Rules rules) {
    for (const StopRule& rule : *wanted) audience::set_rule(rules, rule);
    return base::Result<Rules>(std::move(rules));
  });
}

void unset(Context& context, const Arguments& arguments) {
  change(context, arguments, [&](store::Connection& /*db*/, Rules rules) -> base::Result<Rules> {
    for (const std::string& text : arguments.rules) {
      auto target = audience::read_rule_target(text);
      if (!target) return std::move(target).error();
      if (audience::remove_rule(rules, *target)) continue;
      return base::Error{base::ErrorCode::not_found, "there is no rule for " + text,
                         "`todoku policy show` shows the rules; without one the defaults hold", ""};
    }
    return rules;
  });
}

void restore(Context& context, const Arguments& arguments) {
  change(context, arguments, [&](store::Connection& db, const Rules& /*rules*/) -> base::Result<Rules> {
    auto version = audience::find_policy(db, arguments.version);
    if (!version) return std::move(version).error();
    return std::move(version->rules);
  });
}

std::shared_ptr<Arguments> add_change(CLI::App& command) {
  auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command.add_option("--by", arguments->author, "Who makes the change, kept with the version");
  command.add_option("--note", arguments->note, "Why, kept with the version");
  return arguments;
}

}  // namespace

void add_policy_set(CLI::App& policy, Context& context) {
  CLI::App* command = policy.add_subcommand("set", "Set rules");
  const auto arguments = add_change(*command);
  command
      ->add_option("RULE", arguments->rules,
                   "CAUSE[@RECEIVER]=ERRORS[/DAYSd][/keep-on-open]: mailbox_full@gmail=3/7d, expired=never")
      ->required();
  command->callback([&context, arguments] { set(context, *arguments); });
}

void add_policy_unset(CLI::App& policy, Context& context) {
  CLI::App* command = policy.add_subcommand("unset", "Take rules away");
  const auto arguments = add_change(*command);
  command->add_option("CAUSE", arguments->rules, "CAUSE[@RECEIVER]")->required();
  command->callback([&context, arguments] { unset(context, *arguments); });
}

void add_policy_restore(CLI::App& policy, Context& context) {
  CLI::App* command = policy.add_subcommand("restore", "Let the rules of an older version hold again");
  const auto arguments = add_change(*command);
  command->add_option("VERSION", arguments->version, "0: the defaults")->required()->check(CLI::NonNegativeNumber);
  command->callback([&context, arguments] { restore(context, *arguments); });
}

}  // namespace todoku::app
