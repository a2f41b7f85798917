#include "app/name_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/phrase.h"
#include "net/public_address.h"

namespace todoku::app {
namespace {

using delivery::NameFault;
using delivery::OwnName;

constexpr base::Duration kLimit{3000};

struct FaultText {
  NameFault fault;
  Phrase text;  // {0} address, {1} EHLO name, {2} names of the address, {3} addresses of the EHLO name
};

constexpr FaultText kTexts[] = {
    {NameFault::no_name,
     {"送信元 {0} に逆引き(PTR)がありません。Gmail や docomo などは受け取りません。回線やサーバーの提供会社に、{0} の "
      "逆引きを {1} にするよう依頼してください。",
      "The source address {0} has no name (PTR record); Gmail, docomo and others refuse such mail. Ask whoever gave "
      "you "
      "the address to set its PTR record to {1}."}},
    {NameFault::name_elsewhere,
     {"送信元 {0} の逆引きは {2} ですが、その名前から {0} を引けません。{2} の A/AAAA レコードに {0} "
      "を登録するか、逆引きを {1} に変更してもらってください。",
      "The source address {0} is named {2}, but that name does not have the address. Give {2} an A or AAAA record with "
      "{0}, or have the PTR record changed to {1}."}},
    {NameFault::helo_unknown,
     {"EHLO の名前「{1}」から IP アドレスを引けません。smtp.helo(または [[source]] の helo)を {0} を指す名前にするか、"
      "{1} の A/AAAA レコードに {0} を登録してください。",
      "The EHLO name \"{1}\" has no address. Set smtp.helo (or helo of [[source]]) to a name that has {0}, or give {1} "
      "an "
      "A or AAAA record with {0}."}},
    {NameFault::helo_elsewhere,
     {"EHLO の名前 {1} は {3} を指していますが、送信元は {0} です。{1} のレコードに {0} を加えるか、smtp.helo を {0} "
      "の名前にしてください。",
      "The EHLO name {1} has the address {3}, but mail goes out from {0}. Add {0} to the records of {1}, or set "
      "smtp.helo "
      "to the name of {0}."}},
    {NameFault::helo_differs,
     {"送信元 {0} の逆引きは {2} ですが、EHLO では {1} と名乗っています。同じ名前にすると、より確実に届きます。",
      "The source address {0} is named {2}, but calls itself {1} in EHLO. Mail arrives more surely where both are the "
      "same."}},
    {NameFault::unanswered,
     {"送信元 {0} の名前を DNS で確認できませんでした。dns.servers の応答を確認してください。",
      "DNS gave no answer about the name of the source address {0}. See whether dns.servers answer."}},
};

constexpr Phrase kWarning{"注意: {}\n", "Warning: {}\n"};

}  // namespace

std::vector<SendingName> sending_names(const Config& config) {
  std::vector<SendingName> names;
  if (!config.text("smarthost.host").empty()) return names;
  const std::string helo = own_hostname(config);
  for (const delivery::Source& source : config.sources()) {
    names.push_back({source.address, source.helo.empty() ? helo : source.helo});
  }
  if (!names.empty()) return names;
  std::string address = config.text("smtp.source_address");
  if (address.empty()) {
    address = delivery::outgoing_address();
    if (!net::is_public_address(address)) return names;
  }
  names.push_back({address, helo});
  return names;
}

std::vector<OwnName> look_up_names(net::Runtime& runtime, dns::Resolver& resolver,
                                   const std::vector<SendingName>& names) {
  std::vector<OwnName> found;
  for (const SendingName& name : names) {
    found.push_back(net::run(runtime, delivery::look_up_own_name(&resolver, name.address, name.helo)));
  }
  return found;
}

base::Result<std::vector<OwnName>> look_up_names(const Config& config, base::Duration limit) {
  const std::vector<SendingName> names = sending_names(config);
  if (names.empty()) return std::vector<OwnName>();
  net::Runtime runtime{{.threads = 1, .workers = 1}};
  dns::ResolverOptions options = resolver_options(config);
  options.limit = std::min(options.limit, limit);
  auto resolver = dns::make_resolver(runtime, options);
  if (!resolver) return std::move(resolver).error();
  return look_up_names(runtime, **resolver, names);
}

std::vector<std::string> name_warnings(const OwnName& name, bounce::Language language) {
  std::vector<std::string> warnings;
  for (const NameFault fault : name.faults) {
    const auto* text = std::ranges::find(kTexts, fault, &FaultText::fault);
    warnings.push_back(fmt::format(fmt::runtime(text->text.in(language)), name.address, one_line(name.helo),
                                   one_line(fmt::format("{}", fmt::join(name.names, ", "))),
                                   fmt::format("{}", fmt::join(name.helo_addresses, ", "))));
  }
  return warnings;
}

void check_names(Context& context) {
  const auto names = look_up_names(context.config(), kLimit);
  if (!names) return context.fail(names.error());
  for (const OwnName& name : *names) {
    for (const std::string& warning : name_warnings(name, context.lang())) {
      fmt::print(stderr, fmt::runtime(kWarning.in(context.lang())), warning);
    }
  }
}

}  // namespace todoku::app
