// `todoku shaping`: how a domain is sent to, and which rule says so.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>

#include "app/cluster_wiring.h"
#include "app/command.h"
#include "app/commands.h"
#include "app/delivery_settings.h"
#include "app/limit_name.h"
#include "app/phrase.h"
#include "base/duration.h"
#include "base/log.h"
#include "cluster/ledger.h"
#include "delivery/allowance.h"
#include "delivery/warm_up_accounts.h"
#include "dns/resolver.h"
#include "mail/domain.h"
#include "net/runtime.h"
#include "store/store.h"
#include "store/time.h"

namespace todoku::app {
namespace {

using bounce::Language;
using delivery::Allowance;

constexpr Phrase kReceiver{"受信者", "receiver"};
constexpr Phrase kUnknownProvider{"既知のプロバイダではありません", "no provider that is known"};
constexpr Phrase kExchanger{"メールサーバー", "exchanger"};
constexpr Phrase kNotFound{"引けませんでした: {}(ドメイン名だけで判断します)",
                           "not found: {} (judged by the domain's name)"};
constexpr Phrase kBySmartHost{"すべて smarthost.host 経由で送ります", "everything goes to smarthost.host"};
constexpr Phrase kLimit{"制限", "limit"};
constexpr Phrase kValue{"値", "value"};
constexpr Phrase kRule{"根拠", "rule"};
constexpr Phrase kNone{"なし", "none"};
constexpr Phrase kPause{"返答に「{}」があれば {} 休みます", "a reply with \"{}\" pauses it for {}"};
constexpr Phrase kRetry{"{} のときの最初の再送: {} 後", "first retry after {}: {}"};

constexpr Phrase kShares{"今の分担(全ノードの合計が上の制限を超えません)",
                         "shared now (all nodes keep the limits together)"};
constexpr Phrase kShare{"  {}  {:18} 使用枠 {}(希望 {})\n", "  {}  {:18} holds {} (wants {})\n"};
constexpr Phrase kBlocked{"  {} まで送信を止めています(ノード {} がブロックされました)\n",
                          "  nothing is sent until {} (node {} was blocked)\n"};
constexpr Phrase kPaused{"  {} まで休んでいます(ノード {} への返答による)\n",
                         "  paused until {} (as node {} was told)\n"};

constexpr Phrase kWarmUps{"慣らし中の送信元アドレス", "addresses that are being warmed up"};
constexpr Phrase kWarmUp{"  {}  今日 {} / {} 通(計画の {} 段階目、全 {} 段階)\n",
                         "  {}  {} of {} mails today (step {} of {} in its plan)\n"};
constexpr Phrase kWarm{"  {}  計画を終えました\n", "  {}  its plan is over\n"};

struct Arguments {
  std::string domain;
  std::string format = "text";
};

/// How far an address of ours has come at the receiver.
struct WarmingUp {
  std::string address;
  std::int64_t steps = 0;
  std::int64_t step = 0;  // from 1
  std::int64_t cap = 0;   // today; -1: the plan is over
  std::int64_t sent = 0;  // today, what nodes have reserved included
};

/// Where a domain's mail goes, and so whose limits hold.
struct Found {
  std::string exchanger;  // empty: none found
  std::string problem;
  Allowance allowance;
  cluster::Picture cluster;  // nodes that share the limits now
  std::vector<WarmingUp> warm_ups;
};

net::Task<> look_up(dns::Resolver* resolver, std::string domain, Found* found) {
  const dns::MailHosts hosts = co_await resolver->mail_hosts(std::move(domain));
  if (hosts.status == dns::Status::ok) {
    found->exchanger = hosts.hosts.front().name;
  } else {
    found->problem = hosts.detail.empty() ? std::string(dns::to_string(hosts.status)) : hosts.detail;
  }
}

template <class T>
T need(Context& context, base::Result<T> result) {
  if (result) return *std::move(result);
  context.fail(result.error(), 2);
  throw Stop{};
}

std::string domain_of(Context& context, const std::string& typed) {
  std::string ascii;
  std::size_t bad = 0;
  const std::size_t at = typed.rfind('@');
  const auto problem = mail::to_ascii_domain(at == std::string::npos ? typed : typed.substr(at + 1), ascii, bad);
  if (!problem) return ascii;
  context.fail({base::ErrorCode::invalid, problem->message, problem->hint, typed}, 2);
  throw Stop{};
}

Found find(Context& context, const std::string& domain) {
  const Config& config = context.config();
  const auto all = need(context, allowances(config));
  Found found;
  if (!config.text("smarthost.host").empty()) {
    found.exchanger = config.text("smarthost.host");
    found.allowance = all.of(delivery::kSmartHost);
    return found;
  }
  net::Runtime runtime({.threads = 1, .workers = 1});
  const auto resolver = need(context, dns::make_resolver(runtime, resolver_options(config)));
  runtime.run(look_up(resolver.get(), domain, &found));
  runtime.close(base::Duration{0});
  found.allowance = all.of(delivery::receiver_of(all.providers(), domain, found.exchanger));
  return found;
}

/// What the nodes of a cluster hold. The limits are worth showing without it.
void look_at_cluster(Context& context, Found& found) {
  try {
    const auto ledger = need(context, make_ledger(context, ""));
    if (ledger) found.cluster = ledger->look(found.allowance.receiver, store::time_of(*context.store().read()));
  } catch (const store::Failure& e) {
    base::log::error("cluster_unreachable", {{"cause", e.what()}});
  }
}

void look_at_warm_ups(Context& context, Found& found) {
  const base::Time now = base::SystemClock().now();
  for (const delivery::Source& source : context.config().sources()) {
    if (source.warm_up.empty()) continue;
    const auto state = delivery::warm_up_of(*context.store().read(), source.address, found.allowance.receiver);
    delivery::WarmUp account(source.warm_up, state.value_or(delivery::WarmUp::State()));
    const std::int64_t cap = account.cap(now);
    found.warm_ups.push_back({source.address, static_cast<std::int64_t>(source.warm_up.size()),
                              account.state().step + 1, cap, account.state().sent});
  }
}

void print_warm_ups(const Found& found, Language language) {
  if (!found.warm_ups.empty()) fmt::print("\n{}\n", kWarmUps.in(language));
  for (const WarmingUp& each : found.warm_ups) {
    if (each.cap < 0) {
      fmt::print(fmt::runtime(kWarm.in(language)), each.address);
    } else {
      fmt::print(fmt::runtime(kWarmUp.in(language)), each.address, each.sent, each.cap, each.step, each.steps);
    }
  }
}

boost::json::array json_of_warm_ups(const Found& found) {
  boost::json::array all;
  for (const WarmingUp& each : found.warm_ups) {
    boost::json::value cap = nullptr;
    if (each.cap >= 0) cap = each.cap;
    all.push_back(boost::json::object{{"address", each.address},
                                      {"sent_today", each.sent},
                                      {"cap_today", std::move(cap)},
                                      {"step", each.step},
                                      {"steps", each.steps}});
  }
  return all;
}

void print_cluster(const Found& found, Language language) {
  const auto& [members, rest] = found.cluster;
  if (!members.empty()) fmt::print("\n{}\n", kShares.in(language));
  for (const cluster::Member& member : members) {
    fmt::print(fmt::runtime(kShare.in(language)), member.node, limit_name(member.span), member.held, member.wanted);
  }
  if (!rest) return;
  const Phrase& phrase = rest->blocked ? kBlocked : kPaused;
  fmt::print(fmt::runtime(phrase.in(language)), local_time(rest->until), rest->node);
}

std::string shown(const Allowance& allowance, const provider::LimitKey& key, Language language) {
  const std::string text = provider::limit_text(allowance.limits, key);
  const bool none = (text == "0" || text == "0s") && key.prose.find("0: ") != std::string_view::npos;
  return none ? std::string(kNone.in(language)) : text;
}

void print_text(const Arguments& arguments, const Found& found, bool smart_host, Language language) {
  const Allowance& allowance = found.allowance;
  const std::string_view title = allowance.provider == nullptr ? kUnknownProvider.in(language)
                                 : language == Language::ja    ? std::string_view(allowance.provider->title_ja)
                                                               : std::string_view(allowance.provider->title);
  fmt::print("{}\n  {}: {} ({})\n", arguments.domain, kReceiver.in(language), allowance.receiver,
             smart_host ? kBySmartHost.in(language) : title);
  fmt::print(
      "  {}: {}\n\n", kExchanger.in(language),
      found.problem.empty() ? found.exchanger : fmt::format(fmt::runtime(kNotFound.in(language)), found.problem));
  fmt::print("  {:22} {:>12}  {}\n", kLimit.in(language), kValue.in(language), kRule.in(language));
  for (const provider::LimitKey& key : provider::limit_keys()) {
    fmt::print("  {:22} {:>12}  {}\n", key.name, shown(allowance, key, language), allowance.rules.at(key.name));
  }
  if (allowance.provider == nullptr) return;
  fmt::print("\n");
  for (const auto& rule : allowance.provider->back_offs) {
    fmt::print("  {}\n", fmt::format(fmt::runtime(kPause.in(language)),
                                     rule.says.empty() ? rule.code : rule.says.front(), base::to_text(rule.pause)));
  }
  for (const auto& [reason, wait] : allowance.provider->retries) {
    fmt::print("  {}\n", fmt::format(fmt::runtime(kRetry.in(language)), reason, base::to_text(wait)));
  }
}

boost::json::object json_of(const Arguments& arguments, const Found& found) {
  boost::json::object limits;
  for (const provider::LimitKey& key : provider::limit_keys()) {
    limits[key.name] = boost::json::object{{"value", provider::limit_text(found.allowance.limits, key)},
                                           {"rule", found.allowance.rules.at(key.name)}};
  }
  boost::json::array pauses;
  if (found.allowance.provider != nullptr) {
    for (const auto& rule : found.allowance.provider->back_offs) {
      pauses.push_back(boost::json::object{
          {"says", boost::json::value_from(rule.says)}, {"code", rule.code}, {"pause", base::to_text(rule.pause)}});
    }
  }
  boost::json::array cluster;
  for (const cluster::Member& member : found.cluster.members) {
    cluster.push_back(boost::json::object{
        {"node", member.node}, {"limit", limit_name(member.span)}, {"held", member.held}, {"wanted", member.wanted}});
  }
  boost::json::value rest = nullptr;
  if (const auto& known = found.cluster.rest) {
    rest = boost::json::object{{"until", utc_time(known->until)}, {"node", known->node}, {"blocked", known->blocked}};
  }
  return {{"cluster", std::move(cluster)},        {"rest", std::move(rest)},      {"domain", arguments.domain},
          {"receiver", found.allowance.receiver}, {"exchanger", found.exchanger}, {"problem", found.problem},
          {"limits", std::move(limits)},          {"pauses", std::move(pauses)},  {"warm_up", json_of_warm_ups(found)}};
}

void show(Context& context, const Arguments& arguments) {
  Found found = find(context, domain_of(context, arguments.domain));
  look_at_cluster(context, found);
  look_at_warm_ups(context, found);
  if (arguments.format == "json") {
    fmt::print("{}\n", boost::json::serialize(json_of(arguments, found)));
  } else {
    print_text(arguments, found, !context.config().text("smarthost.host").empty(), context.lang());
    print_warm_ups(found, context.lang());
    print_cluster(found, context.lang());
  }
}

void list(Context& context, const Arguments& arguments) {
  const auto all = need(context, allowances(context.config()));
  boost::json::array array;
  for (const auto& provider : all.providers().all()) {
    const std::string& title = context.lang() == Language::ja ? provider.title_ja : provider.title;
    if (arguments.format == "json") {
      array.push_back(
          boost::json::object{{"name", provider.name}, {"title", title}, {"limits_of", provider.limits_of}});
    } else {
      fmt::print("{:18} {}{}\n", provider.name, title, provider.limits_of.empty() ? "" : " → " + provider.limits_of);
    }
  }
  if (arguments.format == "json") fmt::print("{}\n", boost::json::serialize(array));
}

}  // namespace

void add_shaping(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("shaping", "How receivers are sent to, and which rule says so");
  command->require_subcommand(1);
  command->fallthrough();
  const auto add = [&](const char* name, const char* help, void (*run)(Context&, const Arguments&)) {
    CLI::App* sub = command->add_subcommand(name, help);
    const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
    sub->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
    sub->callback([&context, arguments, run] { run(context, *arguments); });
    return std::pair(sub, arguments);
  };
  const auto [sub, arguments] = add("show", "Tell for a domain whose limits hold, and where each comes from", show);
  sub->add_option("DOMAIN", arguments->domain, "A domain, or an address in it")->required();
  add("list", "The receivers that are known by name", list);
}

}  // namespace todoku::app
