#include "app/token_command.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "base/clock.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::app {
namespace {

using tracking::TokenKeyEntry;

constexpr Phrase kRotated = {
    "新しい鍵 {} で署名します。古い鍵の返送先は {} まで、リンクは期限なく有効です。\n",
    "The new key {} signs from now on. Return paths of the older ones hold until {}, their links for ever.\n"};
constexpr Phrase kSigns = {"署名中", "signs"};
constexpr Phrase kUntil = {"返送先は {} まで有効", "return paths hold until {}"};
constexpr Phrase kEnded = {"返送先は {} に失効", "return paths ended on {}"};

std::string ends(const TokenKeyEntry& key) { return local_time(*key.superseded_at + tracking::kReturnPathLife); }

void rotate(Context& context) {
  const base::Time now = base::SystemClock().now();
  (void)tracking::load_tokens(context.store(), now);  // makes the first where there is none
  tracking::rotate_token_key(context.store(), now);
  const auto keys = tracking::token_keys(*context.store().read());
  fmt::print(fmt::runtime(kRotated.in(context.lang())), keys.back().id, local_time(now + tracking::kReturnPathLife));
}

void list(Context& context, const std::string& format) {
  const base::Time now = base::SystemClock().now();
  (void)tracking::load_tokens(context.store(), now);
  boost::json::array array;
  for (const TokenKeyEntry& key : tracking::token_keys(*context.store().read())) {
    const bool holds = !key.superseded_at || now - *key.superseded_at < tracking::kReturnPathLife;
    array.push_back({{"id", key.id},
                     {"created_at", utc_time(key.created_at)},
                     {"signs", !key.superseded_at},
                     {"return_paths", holds}});
    if (format == "json") continue;
    const Phrase& words = holds ? kUntil : kEnded;
    fmt::print("{}  {}  {}\n", key.id, local_time(key.created_at),
               key.superseded_at ? fmt::format(fmt::runtime(words.in(context.lang())), ends(key))
                                 : std::string(kSigns.in(context.lang())));
  }
  if (format == "json") fmt::print("{}\n", boost::json::serialize(array));
}

}  // namespace

void add_token(CLI::App& root, Context& context) {
  CLI::App* token = root.add_subcommand("token", "Keys that sign return paths and links");
  token->require_subcommand(1);
  CLI::App* change = token->add_subcommand("rotate", "Let a new key sign; what the older ones signed holds for a time");
  change->callback([&context] { rotate(context); });
  const auto format = std::make_shared<std::string>("text");  // shared: option and callback outlive this call
  CLI::App* show = token->add_subcommand("list", "Show the keys");
  show->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}));
  show->callback([&context, format] { list(context, *format); });
}

}  // namespace todoku::app
