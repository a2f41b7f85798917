// `todoku dkim rotate`: a new key for each that signs. The old one goes on until the new record is seen in DNS, by the
// next `dkim check` or `campaign send`, or until --now.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <memory>

#include "app/command.h"
#include "app/dkim_command.h"
#include "app/dkim_keyring.h"
#include "app/phrase.h"
#include "authentication/dkim_record.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::DkimKeyEntry;
using authentication::DkimKeyState;

/// Of a retired key: mails signed with it may wait for their last attempt, and be looked at again much later.
constexpr base::Duration kKeptInDns{7LL * 24 * 3'600'000};
constexpr base::Duration kKept{30LL * 24 * 3'600'000};

constexpr Phrase kWaits = {
    "{0} の新しい DKIM 鍵は {1} です。次の TXT レコードを DNS に登録してください。\n"
    "登録が確認できるまでは、これまでの鍵で署名を続けます。\n\n",
    "The new DKIM key for {0} is {1}. Put this TXT record into DNS;\n"
    "the old key goes on signing until the record is seen there.\n\n"};
constexpr Phrase kNow = {
    "{0} のメールはこれから DKIM 鍵 {1} で署名します。次の TXT レコードが DNS に必要です。\n\n",
    "Mails of {0} are signed with the DKIM key {1} from now on. DNS must have this TXT record:\n\n"};
constexpr Phrase kThen = {
    "\n登録したら `todoku dkim check {0}` を実行してください。\n"
    "古い鍵の DNS レコードは、切り替え後 {1} 日間は消さないでください。\n",
    "\nThen run `todoku dkim check {0}`.\n"
    "Leave the old key's record in DNS for {1} days after the change.\n"};

struct Arguments {
  std::string domain;
  bool now = false;
};

/// The keys that wait already, and new ones for what has none waiting.
std::vector<DkimKeyEntry> successors(Context& context, const std::vector<DkimKeyEntry>& keys) {
  std::vector<DkimKeyEntry> next;
  for (const DkimKeyEntry& key : keys) {
    if (key.state != DkimKeyState::active) continue;
    const auto waiting = std::ranges::find_if(keys, [&key](const DkimKeyEntry& other) {
      return other.state == DkimKeyState::waiting && other.algorithm == key.algorithm;
    });
    if (waiting != keys.end()) {
      next.push_back(*waiting);
      continue;
    }
    auto made = make_dkim_key(context, {key.domain, "", key.algorithm, DkimKeyState::waiting});
    if (!made) {
      context.fail(made.error());
      throw Stop{};
    }
    next.push_back(*std::move(made));
  }
  return next;
}

/// Keys that signed their last mail long ago.
void remove_old(Context& context, const std::string& domain, base::Time now) {
  for (const DkimKeyEntry& key : authentication::dkim_keys(*context.store().read(), domain)) {
    if (key.state == DkimKeyState::retired && key.retired_at && *key.retired_at + kKept < now) {
      remove_dkim_key(context, key);
    }
  }
}

void activate(Context& context, const std::string& domain, const std::string& selector, base::Time now) {
  context.store().write_now([&](store::Connection& db) {
    for (const DkimKeyEntry& key : authentication::dkim_keys(db, domain)) {
      if (key.selector == selector) authentication::activate_dkim_key(db, key, now);
    }
  });
}

void rotate(Context& context, const Arguments& arguments) {
  const std::string domain = domain_or_stop(context, arguments.domain);
  const base::Time now = base::SystemClock().now();
  for (const DkimKeyEntry& key : successors(context, keys_or_stop(context, domain))) {
    if (arguments.now) activate(context, domain, key.selector, now);
    fmt::print(fmt::runtime((arguments.now ? kNow : kWaits).in(context.lang())), domain, key.selector);
    print_record(context, key);
  }
  fmt::print(fmt::runtime(kThen.in(context.lang())), domain,
             std::chrono::duration_cast<std::chrono::days>(kKeptInDns).count());
  remove_old(context, domain, now);
}

}  // namespace

void add_dkim_rotate(CLI::App& dkim, Context& context) {
  CLI::App* command = dkim.add_subcommand("rotate", "Replace a domain's keys by new ones");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("domain", arguments->domain, "The sending domain")->required();
  command->add_flag("--now", arguments->now, "Sign with the new key at once, whether or not its record is in DNS");
  command->callback([&context, arguments] { rotate(context, *arguments); });
}

}  // namespace todoku::app
