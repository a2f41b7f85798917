// `todoku stops domains`: domains that may be gone, what DNS says of them, and how many readers that is about.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/stops_command.h"
#include "audience/dead_domain.h"
#include "mail/address.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::DomainReport;
using audience::DomainState;
using bounce::Language;

constexpr Phrase kNone{"確認中のドメインはありません。", "No domains are watched."};
constexpr Phrase kSuspected{"消滅の疑い(DNSで{}日確認)", "may be gone (DNS said so on {} days)"};
constexpr Phrase kDead{"消滅(DNSで{}日続けて確認)", "gone (DNS said so on {} days in a row)"};
constexpr Phrase kAlive{"受信できる状態", "lives"};
constexpr Phrase kReaders{"停止中の読者 {} 人、配信中の読者 {} 人", "{} readers stopped, {} still mailed"};
constexpr Phrase kChecked{"最後の確認 {}: {}", "last asked {}: {}"};
constexpr Phrase kOffer{"停止を解除するには: todoku stops release --domain {} --force",
                        "To mail its readers again: todoku stops release --domain {} --force"};

void print(const DomainReport& report, Language language) {
  const auto& domain = report.domain;
  const auto say = [language](const Phrase& phrase, const auto&... values) {
    return fmt::format(fmt::runtime(phrase.in(language)), values...);
  };
  const Phrase& state = domain.state == DomainState::dead    ? kDead
                        : domain.state == DomainState::alive ? kAlive
                                                             : kSuspected;
  fmt::print("{}  {}\n    {}\n", mail::unicode_domain(domain.domain), say(state, domain.dead_days),
             say(kReaders, grouped(report.stopped), grouped(report.mailed)));
  if (domain.checked_at) fmt::print("    {}\n", say(kChecked, local_time(*domain.checked_at), domain.answer));
  if (domain.state == DomainState::alive && report.stopped > 0) fmt::print("    {}\n", say(kOffer, domain.domain));
}

boost::json::object object(const DomainReport& report) {
  const auto& domain = report.domain;
  const auto checked =
      domain.checked_at ? boost::json::value(utc_time(*domain.checked_at)) : boost::json::value(nullptr);
  return {{"domain", domain.domain},         {"state", audience::to_string(domain.state)},
          {"dead_days", domain.dead_days},   {"answer", domain.answer},
          {"since", utc_time(domain.since)}, {"checked_at", checked},
          {"stopped", report.stopped},       {"mailed", report.mailed}};
}

void domains(Context& context, const std::string& format) {
  const auto reports = audience::domain_reports(*context.store().read());
  if (format == "json") {
    boost::json::array array;
    for (const DomainReport& report : reports) array.push_back(object(report));
    fmt::print("{}\n", boost::json::serialize(array));
    return;
  }
  if (reports.empty()) fmt::print("{}\n", kNone.in(context.lang()));
  for (const DomainReport& report : reports) print(report, context.lang());
}

}  // namespace

void add_stops_domains(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("domains", "Domains that may be gone, and their readers");
  const auto format = std::make_shared<std::string>("text");  // shared: option and callback outlive this call
  command->add_option("--format", *format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, format] { domains(context, *format); });
}

}  // namespace todoku::app
