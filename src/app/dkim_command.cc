// `todoku dkim`: keys that sign mails, and their records in DNS.
#include "app/dkim_command.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/commands.h"
#include "app/dkim_keyring.h"
#include "app/phrase.h"
#include "authentication/dkim_record.h"
#include "mail/address.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::DkimAlgorithm;
using authentication::DkimKeyEntry;
using authentication::DkimKeyState;

constexpr Phrase kMade = {
    "{0} の DKIM 鍵 {1}({2})を作りました。これから送るメールはこの鍵で署名されます。\n"
    "受信側が署名を確かめられるよう、次の TXT レコードを DNS に登録してください。\n\n",
    "Made the DKIM key {1} ({2}) for {0}; mails are signed with it from now on.\n"
    "Put this TXT record into DNS, so that receivers can verify the signatures:\n\n"};
constexpr Phrase kThen = {
    "\n登録したら `todoku dkim check {}` で確認できます(反映に数分から数時間かかることがあります)。\n",
    "\nThen `todoku dkim check {}` tells whether it is there (which can take minutes or hours).\n"};
constexpr Phrase kEd25519Alone = {
    "注意: Ed25519 の署名を検証しない受信側がまだ多くあります。RSA の鍵も作ってください: `todoku dkim generate {}`\n",
    "Note: many receivers do not verify Ed25519 yet. Have an RSA key too: `todoku dkim generate {}`\n"};
constexpr Phrase kRecord = {
    "  名前: {0}\n  種別: TXT\n  値:   {1}\n\n  ゾーンファイルの書き方:\n  {0}. IN TXT ( {2} )\n",
    "  name:  {0}\n  type:  TXT\n  value: {1}\n\n  in a zone file:\n  {0}. IN TXT ( {2} )\n"};
constexpr Phrase kNoKeys = {"DKIM の鍵はありません。`todoku dkim generate ドメイン` で作れます。\n",
                            "There are no DKIM keys; `todoku dkim generate DOMAIN` makes one.\n"};
constexpr Phrase kStates[] = {{"DNS 登録待ち", "waiting for its DNS record"}, {"使用中", "signs"}, {"退役", "retired"}};

struct Arguments {
  std::string domain;
  std::string selector;
  std::string algorithm = "rsa2048";
  std::string format = "text";
};

bool active(const DkimKeyEntry& key) { return key.state == DkimKeyState::active; }

void generate(Context& context, const Arguments& arguments) {
  DkimKeyWanted wanted;
  wanted.domain = domain_or_stop(context, arguments.domain);
  wanted.selector = arguments.selector;
  if (arguments.algorithm == "ed25519") wanted.algorithm = DkimAlgorithm::ed25519_sha256;
  const auto before = authentication::dkim_keys(*context.store().read(), wanted.domain);
  for (const DkimKeyEntry& key : before) {
    if (!active(key) || key.algorithm != wanted.algorithm) continue;
    return context.fail({base::ErrorCode::exists,
                         fmt::format("{} has a key of this kind already: {}", wanted.domain, key.selector),
                         fmt::format("`todoku dkim rotate {}` replaces it", wanted.domain), ""});
  }
  const auto key = make_dkim_key(context, wanted);
  if (!key) return context.fail(key.error(), key.error().code == base::ErrorCode::invalid ? 2 : 1);
  fmt::print(fmt::runtime(kMade.in(context.lang())), key->domain, key->selector, to_string(key->algorithm));
  print_record(context, *key);
  fmt::print(fmt::runtime(kThen.in(context.lang())), key->domain);
  const bool alone = std::ranges::none_of(before, active) && key->algorithm == DkimAlgorithm::ed25519_sha256;
  if (alone) fmt::print(fmt::runtime(kEd25519Alone.in(context.lang())), key->domain);
}

void print_json(const std::vector<DkimKeyEntry>& keys) {
  const auto time = [](const std::optional<base::Time>& at) {
    return at ? boost::json::value(utc_time(*at)) : boost::json::value(nullptr);
  };
  boost::json::array array;
  for (const DkimKeyEntry& key : keys) {
    array.push_back({{"domain", key.domain},
                     {"selector", key.selector},
                     {"algorithm", to_string(key.algorithm)},
                     {"state", to_string(key.state)},
                     {"created_at", utc_time(key.created_at)},
                     {"active_at", time(key.active_at)},
                     {"retired_at", time(key.retired_at)},
                     {"record_name", authentication::dkim_record_name(key.selector, key.domain)},
                     {"record", authentication::dkim_record_text(key.algorithm, key.public_key)}});
  }
  fmt::print("{}\n", boost::json::serialize(array));
}

void list(Context& context, const Arguments& arguments) {
  const auto keys = authentication::dkim_keys(*context.store().read());
  if (arguments.format == "json") return print_json(keys);
  if (keys.empty()) fmt::print("{}", kNoKeys.in(context.lang()));
  for (const DkimKeyEntry& key : keys) {
    fmt::print("{}  {}  {}  {}  {}\n", key.domain, key.selector, to_string(key.algorithm),
               kStates[static_cast<std::size_t>(key.state)].in(context.lang()),
               local_time(key.retired_at.value_or(key.active_at.value_or(key.created_at))));
  }
}

}  // namespace

std::string domain_or_stop(Context& context, const std::string& typed) {
  auto domain = mail::ascii_domain(typed);
  if (domain) return *std::move(domain);
  context.fail(domain.error(), 2);
  throw Stop{};
}

std::vector<DkimKeyEntry> keys_or_stop(Context& context, const std::string& domain) {
  auto keys = authentication::dkim_keys(*context.store().read(), domain);
  std::erase_if(keys, [](const DkimKeyEntry& key) { return key.state == DkimKeyState::retired; });
  if (!keys.empty()) return keys;
  context.fail({base::ErrorCode::not_found, fmt::format("there is no DKIM key for {}", domain),
                fmt::format("`todoku dkim generate {}` makes one", domain), ""});
  throw Stop{};
}

void print_record(Context& context, const DkimKeyEntry& key) {
  const std::string text = authentication::dkim_record_text(key.algorithm, key.public_key);
  fmt::print(fmt::runtime(kRecord.in(context.lang())), authentication::dkim_record_name(key.selector, key.domain), text,
             authentication::quoted_strings(text));
}

void add_dkim_generate(CLI::App& dkim, Context& context) {
  CLI::App* command = dkim.add_subcommand("generate", "Make a key for a sending domain and show its DNS record");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("domain", arguments->domain, "The domain of the sender's address")->required();
  command->add_option("--selector", arguments->selector, "The key's name in DNS; else made from the date");
  command->add_option("--algorithm", arguments->algorithm, "rsa2048 or ed25519")
      ->check(CLI::IsMember({"rsa2048", "ed25519"}));
  command->callback([&context, arguments] { generate(context, *arguments); });
}

void add_dkim_list(CLI::App& dkim, Context& context) {
  CLI::App* command = dkim.add_subcommand("list", "Show every key");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { list(context, *arguments); });
}

void add_dkim(CLI::App& root, Context& context) {
  CLI::App* dkim = root.add_subcommand("dkim", "Keys that sign mails, and their records in DNS");
  dkim->require_subcommand(1);
  dkim->fallthrough();
  add_dkim_check(*dkim, context);
  add_dkim_generate(*dkim, context);
  add_dkim_list(*dkim, context);
  add_dkim_rotate(*dkim, context);
}

}  // namespace todoku::app
