// `todoku key`: keys with which programs hand mail in.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/commands.h"
#include "app/phrase.h"
#include "base/clock.h"
#include "store/store.h"
#include "submission/submission_key.h"

namespace todoku::app {
namespace {

using submission::SubmissionKey;

constexpr Phrase kMade = {
    "キー {0} を作りました。シークレットは今だけ表示されます。控えておいてください。\n\n  ユーザー名: {0}\n  "
    "パスワード: {1}\n",
    "Made the key {0}. Its secret is shown this once only; keep it in a safe place.\n\n  user:     {0}\n  password: "
    "{1}\n"};
constexpr Phrase kRevoked = {"キー {} を無効にしました。次のメールから使えません。\n",
                             "Revoked the key {}; it is refused from the next mail on.\n"};
constexpr Phrase kNone = {"キーはありません。`todoku key create 名前 --domain ドメイン` で作れます。\n",
                          "There are no keys; `todoku key create NAME --domain DOMAIN` makes one.\n"};
constexpr Phrase kIsRevoked = {"無効", "revoked"};
constexpr Phrase kNoLimit = {"制限なし", "no limit"};
constexpr Phrase kLimits = {"毎分 {}、毎時 {}", "{} a minute, {} an hour"};

struct Arguments {
  std::string name;
  std::vector<std::string> domains;
  std::int64_t per_minute = 0;
  std::int64_t per_hour = 0;
  std::string format = "text";
};

void create(Context& context, const Arguments& arguments) {
  const submission::NewKey wanted{arguments.name, arguments.domains, arguments.per_minute, arguments.per_hour};
  std::optional<base::Result<base::Secret>> made;
  context.store().write_now(
      [&](store::Connection& db) { made = submission::create_key(db, wanted, base::SystemClock().now()); });
  if (!*made) return context.fail(made->error(), 2);
  fmt::print(fmt::runtime(kMade.in(context.lang())), arguments.name, (*made)->reveal());
}

void revoke(Context& context, const Arguments& arguments) {
  std::optional<base::Result<void>> done;
  context.store().write_now(
      [&](store::Connection& db) { done = submission::revoke_key(db, arguments.name, base::SystemClock().now()); });
  if (!*done) return context.fail(done->error(), 2);
  fmt::print(fmt::runtime(kRevoked.in(context.lang())), arguments.name);
}

void print_json(const std::vector<SubmissionKey>& keys) {
  boost::json::array array;
  for (const SubmissionKey& key : keys) {
    boost::json::array domains(key.domains.begin(), key.domains.end());
    array.push_back({{"name", key.name},
                     {"domains", std::move(domains)},
                     {"per_minute", key.per_minute},
                     {"per_hour", key.per_hour},
                     {"created_at", utc_time(key.created_at)},
                     {"revoked_at", key.revoked_at ? boost::json::value(utc_time(*key.revoked_at)) : nullptr}});
  }
  fmt::print("{}\n", boost::json::serialize(array));
}

void list(Context& context, const Arguments& arguments) {
  const auto keys = submission::keys(*context.store().read());
  if (arguments.format == "json") return print_json(keys);
  const auto language = context.lang();
  if (keys.empty()) fmt::print("{}", kNone.in(language));
  const auto limit = [language](std::int64_t number) {
    return number == 0 ? std::string(kNoLimit.in(language)) : std::to_string(number);
  };
  for (const SubmissionKey& key : keys) {
    fmt::print("{}  {}  {}  {}{}\n", key.name, fmt::join(key.domains, ","),
               fmt::format(fmt::runtime(kLimits.in(language)), limit(key.per_minute), limit(key.per_hour)),
               local_time(key.created_at), key.revoked_at ? "  " + std::string(kIsRevoked.in(language)) : "");
  }
}

}  // namespace

void add_key(CLI::App& root, Context& context) {
  CLI::App* key = root.add_subcommand("key", "Keys with which programs hand mail in over SMTP");
  key->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();  // shared with the callbacks
  CLI::App* make = key->add_subcommand("create", "Make a key and show its secret, once");
  make->add_option("name", arguments->name, "User name")->required();
  make->add_option("--domain", arguments->domains, "A sender's domain that it may use; several are fine")->required();
  make->add_option("--per-minute", arguments->per_minute, "Recipients a minute; 0: no limit");
  make->add_option("--per-hour", arguments->per_hour, "Recipients an hour; 0: no limit");
  make->callback([&context, arguments] { create(context, *arguments); });
  CLI::App* show = key->add_subcommand("list", "Show the keys");
  show->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  show->callback([&context, arguments] { list(context, *arguments); });
  CLI::App* end = key->add_subcommand("revoke", "Let a key be refused from now on");
  end->add_option("name", arguments->name, "User name")->required();
  end->callback([&context, arguments] { revoke(context, *arguments); });
}

}  // namespace todoku::app
