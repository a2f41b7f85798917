// `todoku tls-report`: how TLS goes with receiving domains, and the reports that they ask for (TLS-RPT, RFC 8460).
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/commands.h"
#include "app/phrase.h"
#include "app/tls_report_send.h"
#include "authentication/tls_result_store.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::ReportEntry;
using authentication::ReportState;

constexpr std::int64_t kDaysShown = 7;
constexpr std::int64_t kDaysKept = 14;

constexpr Phrase kNothing = {"まだ何も記録されていません。\n", "Nothing is recorded yet.\n"};
constexpr Phrase kLine = {"{}  {}  成功 {}  失敗 {}  報告: {}{}\n", "{}  {}  good {}  failed {}  report: {}{}\n"};
constexpr Phrase kStates[] = {
    {"未送信", "waiting"}, {"送信済み", "sent"}, {"不要", "not asked for"}, {"失敗", "failed"}};
constexpr Phrase kNothingToSend = {"送るべき報告はありません。\n", "There is no report to send.\n"};

struct Arguments {
  std::string domain;
  std::string format = "text";
  bool today = false;
};

std::string date(std::int64_t day) { return fmt::format("{:%Y-%m-%d}", std::chrono::sys_days(std::chrono::days(day))); }

boost::json::object json_of(const ReportEntry& entry, store::Connection& db) {
  boost::json::array policies;
  for (const auto& results : authentication::tls_results_of(db, entry.day, entry.domain)) {
    boost::json::array failures;
    for (const auto& failure : results.failures) {
      failures.push_back(boost::json::object{{"result", failure.result},
                                             {"mx", failure.mx},
                                             {"address", failure.address},
                                             {"sessions", failure.sessions},
                                             {"detail", failure.detail}});
    }
    policies.push_back(boost::json::object{{"policy", to_string(results.policy.kind)},
                                           {"text", boost::json::value_from(results.policy.strings)},
                                           {"good", results.good},
                                           {"failures", std::move(failures)}});
  }
  return {{"day", date(entry.day)},
          {"domain", entry.domain},
          {"good", entry.good},
          {"failed", entry.bad},
          {"report", to_string(entry.state)},
          {"detail", entry.detail},
          {"policies", std::move(policies)}};
}

void print(Context& context, const ReportEntry& entry) {
  const std::string detail = entry.detail.empty() ? "" : " (" + entry.detail + ")";
  fmt::print(fmt::runtime(kLine.in(context.lang())), date(entry.day), entry.domain, entry.good, entry.bad,
             kStates[static_cast<std::size_t>(entry.state)].in(context.lang()), detail);
  for (const auto& results : authentication::tls_results_of(*context.store().read(), entry.day, entry.domain)) {
    for (const auto& failure : results.failures) {
      fmt::print("    {}  {} [{}]  {}  {}\n", failure.result, failure.mx, failure.address, failure.sessions,
                 failure.detail);
    }
  }
}

void show(Context& context, const Arguments& arguments) {
  const std::int64_t today = authentication::day_of(base::SystemClock().now());
  const auto entries =
      authentication::tls_report_entries(*context.store().read(), today - kDaysShown, today + 1, arguments.domain);
  if (arguments.format == "json") {
    boost::json::array array;
    const store::Lease db = context.store().read();
    for (const ReportEntry& entry : entries) array.push_back(json_of(entry, *db));
    fmt::print("{}\n", boost::json::serialize(array));
    return;
  }
  if (entries.empty()) fmt::print("{}", kNothing.in(context.lang()));
  for (const ReportEntry& entry : entries) print(context, entry);
}

void send(Context& context, const Arguments& arguments) {
  const base::Time now = base::SystemClock().now();
  const std::int64_t today = authentication::day_of(now);
  auto entries = authentication::tls_report_entries(*context.store().read(), today - kDaysShown,
                                                    today + (arguments.today ? 1 : 0), arguments.domain);
  std::erase_if(entries, [](const ReportEntry& entry) { return entry.state != ReportState::waiting; });
  context.store().write_now([&](store::Connection& db) { authentication::forget_tls_results(db, today - kDaysKept); });
  if (entries.empty()) return fmt::print("{}", kNothingToSend.in(context.lang()));
  auto sender = TlsReportSender::make(context.config(), context.store(), context.data);
  if (!sender) return context.fail(sender.error(), 2);
  for (ReportEntry& entry : entries) {
    bool ours = false;  // a daemon, or another node's, may be at it
    context.store().write_now([&](store::Connection& db) { ours = authentication::claim_tls_report(db, entry, now); });
    if (!ours) continue;
    entry = (*sender)->send(std::move(entry), now);
    context.store().write_now([&](store::Connection& db) { authentication::note_tls_report(db, entry); });
    print(context, entry);
    if (entry.state == ReportState::waiting || entry.state == ReportState::failed) context.exit_status = 1;
  }
}

}  // namespace

void add_tls_report(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("tls-report", "How TLS goes with receiving domains, and reports to them");
  command->require_subcommand(1);
  command->fallthrough();
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  CLI::App* shown = command->add_subcommand("show", "Show the last week's sessions, failures and reports");
  shown->add_option("DOMAIN", arguments->domain, "This domain alone");
  shown->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  shown->callback([&context, arguments] { show(context, *arguments); });
  CLI::App* sent = command->add_subcommand("send", "Send the reports of the days that are over to who asks for them");
  sent->add_option("DOMAIN", arguments->domain, "This domain alone");
  sent->add_flag("--today", arguments->today, "Send what there is of today as well");
  sent->callback([&context, arguments] { send(context, *arguments); });
}

}  // namespace todoku::app
