// `todoku notify`: the outbox of notices to the operator's systems.
#include "app/notify_command.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "app/command.h"
#include "app/phrase.h"
#include "base/clock.h"
#include "remedy/notice.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using remedy::Notice;
using remedy::TargetCount;

constexpr Phrase kNone = {
    "通知先はありません。設定 [[notify]] で登録し、todoku serve を起動します。\n",
    "There are no targets; [[notify]] in the settings names them, todoku serve registers them.\n"};
constexpr Phrase kTarget = {"{}{}: 送信済み {}、待ち {}、停止 {}\n", "{}{}: {} sent, {} waiting, {} dead\n"};
constexpr Phrase kInactive = {" (設定にありません)", " (not in the settings any more)"};
constexpr Phrase kRetried = {"{} 件をすぐに送り直します。\n", "{} are tried again now.\n"};

struct Arguments {
  remedy::NoticeFilter filter;
  std::int64_t id = 0;
  bool all = false;
  std::string format = "text";
};

boost::json::value time_json(const std::optional<base::Time>& time) {
  if (!time) return nullptr;
  return boost::json::string(utc_time(*time));
}

void print_json(const std::vector<TargetCount>& targets, const std::vector<Notice>& notices) {
  boost::json::array counts;
  for (const TargetCount& one : targets) {
    counts.push_back({{"name", one.name},
                      {"active", one.active},
                      {"waiting", one.waiting},
                      {"dead", one.dead},
                      {"sent", one.sent},
                      {"sent_at", time_json(one.sent_at)},
                      {"problem", one.problem}});
  }
  boost::json::array array;
  for (const Notice& one : notices) {
    array.push_back({{"id", one.id.value},
                     {"target", one.target},
                     {"type", remedy::type_of(one)},
                     {"address", one.address},
                     {"reason", one.reason},
                     {"at", utc_time(one.at)},
                     {"state", one.dead ? "dead" : "waiting"},
                     {"tries", one.tries},
                     {"due_at", one.dead ? boost::json::value(nullptr) : boost::json::value(utc_time(one.due_at))},
                     {"problem", one.problem}});
  }
  fmt::print("{}\n", boost::json::serialize(
                         boost::json::object{{"targets", std::move(counts)}, {"notices", std::move(array)}}));
}

void list(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  const auto targets = remedy::count_notices(*db);
  const auto notices = remedy::find_notices(*db, arguments.filter);
  if (arguments.format == "json") return print_json(targets, notices);
  const auto language = context.lang();
  if (targets.empty()) fmt::print("{}", kNone.in(language));
  for (const TargetCount& one : targets) {
    fmt::print(fmt::runtime(kTarget.in(language)), one.name, one.active ? "" : kInactive.in(language),
               grouped(one.sent), grouped(one.waiting), grouped(one.dead));
    if (!one.problem.empty()) fmt::print("    {}\n", one_line(one.problem));
  }
  for (const Notice& one : notices) {
    fmt::print("{:>8}  {}  {}  {}  {}  {}{}\n", one.id.value, local_time(one.at), one.target, remedy::type_of(one),
               one_line(one.address), one.dead ? "dead  " : "", one_line(one.problem));
  }
}

void retry(Context& context, const Arguments& arguments) {
  if (arguments.all == (arguments.id != 0)) {
    return context.fail(
        {base::ErrorCode::invalid, "say which: a number, or --all", "`todoku notify list` shows them", ""}, 2);
  }
  std::int64_t retried = 0;
  context.store().write_now([&](store::Connection& db) {
    const auto id = arguments.all ? std::nullopt : std::optional(remedy::NoticeId{arguments.id});
    retried = remedy::retry_notices(db, id, base::SystemClock().now());
  });
  if (retried == 0 && !arguments.all) {
    return context.fail({base::ErrorCode::not_found, "there is no such notice", "`todoku notify list` shows them",
                         std::to_string(arguments.id)},
                        2);
  }
  fmt::print(fmt::runtime(kRetried.in(context.lang())), grouped(retried));
}

}  // namespace

void add_notify(CLI::App& root, Context& context) {
  CLI::App* notify = root.add_subcommand("notify", "Notices of stops and releases to your systems");
  notify->require_subcommand(1);
  const auto arguments = std::make_shared<Arguments>();  // shared with the callbacks
  CLI::App* show = notify->add_subcommand("list", "Show the targets, and what they have not taken yet");
  show->add_option("--target", arguments->filter.target, "Only this target's");
  show->add_option("--state", arguments->filter.place, "waiting or dead")->check(CLI::IsMember({"waiting", "dead"}));
  show->add_option("--limit", arguments->filter.limit, "At most so many")->check(CLI::Range(1, 1'000'000));
  show->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  show->callback([&context, arguments] { list(context, *arguments); });
  CLI::App* again = notify->add_subcommand("retry", "Try dead or waiting notices again now");
  again->add_option("number", arguments->id, "Which, as list shows them");
  again->add_flag("--all", arguments->all, "All");
  again->callback([&context, arguments] { retry(context, *arguments); });
}

}  // namespace todoku::app
