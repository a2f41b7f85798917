// `todoku status-check`: keys for member sites that ask whether mail to their users fails.
#include "app/status_check_command.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "app/command.h"
#include "app/phrase.h"
#include "base/clock.h"
#include "remedy/status_check_key.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr Phrase kMade = {
    "キー {0} を作りました。シークレットは今だけ表示されます。会員サイトのサーバーだけに置いてください。\n\n  {1}\n",
    "Made the key {0}. Its secret is shown this once only; keep it on the member site's server alone.\n\n  {1}\n"};
constexpr Phrase kRevoked = {"キー {} を無効にしました。\n",
                             "Revoked the key {}; its questions are refused from now on.\n"};
constexpr Phrase kNone = {
    "キーはありません。`todoku status-check key create 名前 --origin https://会員サイト` で作れます。\n",
    "There are no keys; `todoku status-check key create NAME --origin https://SITE` makes one.\n"};
constexpr Phrase kIsRevoked = {"無効", "revoked"};

struct Arguments {
  std::string name;
  std::string origin;
  std::string format = "text";
};

void create(Context& context, const Arguments& arguments) {
  std::optional<base::Result<base::Secret>> made;
  context.store().write_now([&](store::Connection& db) {
    made = remedy::create_status_check_key(db, arguments.name, arguments.origin, base::SystemClock().now());
  });
  if (!*made) return context.fail(made->error(), 2);
  fmt::print(fmt::runtime(kMade.in(context.lang())), arguments.name, (*made)->reveal());
}

void revoke(Context& context, const Arguments& arguments) {
  std::optional<base::Result<void>> done;
  context.store().write_now([&](store::Connection& db) {
    done = remedy::revoke_status_check_key(db, arguments.name, base::SystemClock().now());
  });
  if (!*done) return context.fail(done->error(), 2);
  fmt::print(fmt::runtime(kRevoked.in(context.lang())), arguments.name);
}

void list(Context& context, const Arguments& arguments) {
  const auto keys = remedy::status_check_keys(*context.store().read());
  if (arguments.format == "json") {
    boost::json::array array;
    for (const auto& key : keys) {
      array.push_back({{"name", key.name},
                       {"origin", key.origin},
                       {"created_at", utc_time(key.created_at)},
                       {"revoked_at", key.revoked_at ? boost::json::value(utc_time(*key.revoked_at)) : nullptr}});
    }
    return fmt::print("{}\n", boost::json::serialize(array));
  }
  if (keys.empty()) fmt::print("{}", kNone.in(context.lang()));
  for (const auto& key : keys) {
    fmt::print("{}  {}  {}{}\n", key.name, key.origin, local_time(key.created_at),
               key.revoked_at ? "  " + std::string(kIsRevoked.in(context.lang())) : "");
  }
}

}  // namespace

void add_status_check(CLI::App& root, Context& context) {
  CLI::App* check = root.add_subcommand("status-check", "Member sites that may ask whether mail to their users fails");
  check->require_subcommand(1);
  CLI::App* key = check->add_subcommand("key", "Keys with which they sign");
  key->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();  // shared with the callbacks
  CLI::App* make = key->add_subcommand("create", "Make a key and show its secret, once");
  make->add_option("name", arguments->name, "Its name")->required();
  make->add_option("--origin", arguments->origin, "The site, as https://member.example")->required();
  make->callback([&context, arguments] { create(context, *arguments); });
  CLI::App* show = key->add_subcommand("list", "Show the keys");
  show->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  show->callback([&context, arguments] { list(context, *arguments); });
  CLI::App* end = key->add_subcommand("revoke", "Let a key be refused from now on");
  end->add_option("name", arguments->name, "Its name")->required();
  end->callback([&context, arguments] { revoke(context, *arguments); });
}

}  // namespace todoku::app
