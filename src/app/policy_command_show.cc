// `todoku policy show` and `history`: the rules of a version in plain words, and who made which version.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/phrase.h"
#include "app/policy_command.h"
#include "app/policy_words.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::PolicyVersion;
using bounce::Language;

constexpr Phrase kVersion{"第{}版", "Version {}"};
constexpr Phrase kDefaults{"第0版(初期設定のまま)", "Version 0 (the defaults)"};
constexpr Phrase kElse{
    "これ以外の原因(ブロック、内容、サイズ、ウイルス、認証、送信速度など)では読者を停止しません。配信に成功すると回数"
    "は0に戻ります。",
    "No other cause (blocked, content, size, virus, authentication, speed …) ever stops a reader. A delivery sets the "
    "count\nback to 0."};
constexpr Phrase kNoHistory{"変更はまだありません(初期設定のまま)。", "Nothing was changed yet; the defaults hold."};

struct Arguments {
  std::int64_t version = -1;  // none: the one that holds
  std::string format = "text";
};

std::string heading(const PolicyVersion& version, Language language) {
  if (version.number == 0) return std::string(kDefaults.in(language));
  std::string line = fmt::format(fmt::runtime(kVersion.in(language)), version.number);
  line += "  " + local_time(version.at);
  if (!version.author.empty()) line += "  " + one_line(version.author);
  if (!version.note.empty()) line += "  " + one_line(version.note);
  return line;
}

void show(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  const auto version = arguments.version < 0 ? base::Result<PolicyVersion>(audience::current_policy(*db))
                                             : audience::find_policy(*db, arguments.version);
  if (!version) return context.fail(version.error(), 2);
  const audience::StopLimits defaults = stop_limits(context.config());
  const Language language = context.lang();
  if (arguments.format == "json") {
    fmt::print("{}\n", boost::json::serialize(policy_object(*version, defaults, language)));
    return;
  }
  fmt::print("{}\n\n", heading(*version, language));
  for (const auto& rule : all_rules(*version, defaults)) {
    fmt::print("  {}\n      {}\n", rule_sentence(rule, language), audience::rule_text(rule));
  }
  fmt::print("\n{}\n", kElse.in(language));
}

void history(Context& context, const Arguments& arguments) {
  const auto versions = audience::policy_versions(*context.store().read());
  const Language language = context.lang();
  if (arguments.format == "json") {
    boost::json::array array;
    for (const PolicyVersion& version : versions) {
      array.push_back(policy_object(version, stop_limits(context.config()), language));
    }
    fmt::print("{}\n", boost::json::serialize(array));
    return;
  }
  if (versions.empty()) fmt::print("{}\n", kNoHistory.in(language));
  for (const PolicyVersion& version : versions) {
    fmt::print("{}\n", heading(version, language));
    for (const auto& rule : version.rules) fmt::print("      {}\n", audience::rule_text(rule));
  }
}

}  // namespace

void add_policy_show(CLI::App& policy, Context& context) {
  CLI::App* command = policy.add_subcommand("show", "The rules in plain words");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--version", arguments->version, "Those of an older version; 0: the defaults")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { show(context, *arguments); });
}

void add_policy_history(CLI::App& policy, Context& context) {
  CLI::App* command = policy.add_subcommand("history", "All versions, the newest first");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { history(context, *arguments); });
}

}  // namespace todoku::app
