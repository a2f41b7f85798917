// `todoku stops review`: receivers that erred as a whole, and what becomes of the stops that were held back.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/stops_command.h"
#include "audience/outage.h"
#include "base/clock.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::Outage;
using bounce::Language;

struct Arguments {
  std::int64_t id = 0;
  bool stop = false;
  bool drop = false;
  std::string format = "text";
};

void print_outage(const Outage& outage, base::Time now, Language language) {
  fmt::print("{:>4}  {}\n", outage.id.value, outage.site);
  fmt::print("      {}: {}", Phrase{"期間", "Since"}.in(language), local_time(outage.began_at));
  if (outage.ended_at) {
    fmt::print(" – {}\n", local_time(*outage.ended_at));
  } else {
    fmt::print(" ({})\n", Phrase{"継続中", "goes on"}.in(language));
  }
  fmt::print("      {}: {} / {} ({}: {:.1f} %)\n", Phrase{"宛先エラー", "Address errors"}.in(language),
             grouped(outage.errors), grouped(outage.sent), Phrase{"通常", "usual"}.in(language), outage.usual * 100);
  if (!outage.ended_at && outage.hold_until > now) {
    fmt::print("      {}: {}\n", Phrase{"配信再開の予定", "Nothing is sent there until"}.in(language),
               local_time(outage.hold_until));
  }
  fmt::print("      {}: {}\n", Phrase{"保留中の停止", "Stops held back"}.in(language), grouped(outage.held));
}

void print_text(const std::vector<Outage>& outages, Language language) {
  if (outages.empty()) {
    fmt::print("{}\n", Phrase{"確認待ちの停止はありません。", "No stops wait for review."}.in(language));
    return;
  }
  fmt::print(
      "{}\n\n",
      Phrase{
          "次の受信側で宛先エラーが急増しました。宛先ではなく受信側の障害と思われるため、停止を保留しています。\n"
          "取り消す (次の配信で判定): todoku stops review 番号 --drop   すべて停止する: --stop",
          "At these receivers address errors leapt; more likely they are at fault than the addresses, so stops are\n"
          "held back. Let them go, so that the next mail decides: todoku stops review NUMBER --drop   Stop all: --stop"}
          .in(language));
  const base::Time now = base::SystemClock().now();
  for (const Outage& outage : outages) print_outage(outage, now, language);
}

void print_json(const std::vector<Outage>& outages) {
  boost::json::array array;
  for (const Outage& outage : outages) {
    array.push_back({{"id", outage.id.value},
                     {"site", outage.site},
                     {"began_at", utc_time(outage.began_at)},
                     {"noticed_at", utc_time(outage.noticed_at)},
                     {"ended_at", outage.ended_at ? boost::json::value(utc_time(*outage.ended_at)) : nullptr},
                     {"hold_until", utc_time(outage.hold_until)},
                     {"sent", outage.sent},
                     {"errors", outage.errors},
                     {"usual", outage.usual},
                     {"held", outage.held}});
  }
  fmt::print("{}\n", boost::json::serialize(array));
}

void decide(Context& context, const Arguments& arguments) {
  base::Result<std::int64_t> decided = std::int64_t{0};
  context.store().write_now([&](store::Connection& db) {
    decided = audience::decide_outage(db, {arguments.id}, arguments.stop, base::SystemClock().now());
  });
  if (!decided) return context.fail(decided.error(), 2);
  fmt::print(
      "{}: {}\n",
      (arguments.stop ? Phrase{"停止しました", "Stopped"} : Phrase{"取り消しました", "Let go"}).in(context.lang()),
      grouped(*decided));
}

void review(Context& context, const Arguments& arguments) {
  if (arguments.stop != arguments.drop) {
    if (arguments.id == 0) {
      return context.fail(
          {base::ErrorCode::invalid, "say which outage", "`todoku stops review` shows their numbers", ""}, 2);
    }
    return decide(context, arguments);
  }
  if (arguments.stop || arguments.id != 0) {
    return context.fail({base::ErrorCode::invalid, "say either --stop or --drop", "", ""}, 2);
  }
  const auto outages = audience::outages(*context.store().read());
  if (arguments.format == "json") return print_json(outages);
  print_text(outages, context.lang());
}

}  // namespace

void add_stops_review(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("review", "Stops held back because the receiver erred as a whole");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("NUMBER", arguments->id, "The outage to decide about");
  command->add_flag("--drop", arguments->drop, "Let its stops go: the next mail decides");
  command->add_flag("--stop", arguments->stop, "Carry its stops out");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { review(context, *arguments); });
}

}  // namespace todoku::app
