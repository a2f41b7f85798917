// `todoku queue`: what waits to be sent, to whom, why, and when it is tried next.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/commands.h"
#include "app/phrase.h"
#include "audience/outage.h"
#include "base/ascii.h"
#include "bounce/explanation.h"
#include "campaign/campaign.h"
#include "queue/counts.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using bounce::Language;
using queue::SiteQueue;

constexpr Phrase kEmpty{"送信を待っているメールはありません。", "Nothing waits to be sent."};
constexpr Phrase kMails{"件", "mails"};
constexpr Phrase kWaiting{"未送信: 順番を待っています", "not tried yet: waits for its turn"};
constexpr Phrase kSending{"送信中", "being sent"};
constexpr Phrase kHeld{"キャンペーンが一時停止中です", "its campaign is paused or cancelled"};
constexpr Phrase kNext{"次の送信", "next try"};
constexpr Phrase kSince{"キューに入った時刻", "in the queue since"};
constexpr Phrase kRests{"障害の疑いのため {} まで送信を止めています(`todoku stops review`)",
                        "rests until {}: its errors leapt (`todoku stops review`)"};
constexpr Phrase kMore{"さらにあります。--limit で増やせます。", "There are more; --limit shows more of them."};

struct Arguments {
  std::string domain;
  std::string campaign;
  std::string format = "text";
  int limit = 50;
};

struct Found {
  std::vector<SiteQueue> parts;
  std::map<std::string, base::Time> resting;
  bool more = false;
};

std::string why(const SiteQueue& part, Language language) {
  if (part.state == "sending") return std::string(kSending.in(language));
  if (part.state == "held") return std::string(kHeld.in(language));
  if (part.reason.empty()) return std::string(kWaiting.in(language));
  const auto reason = bounce::reason_of(part.reason);
  return reason ? fmt::format("{} ({})", bounce::explain(*reason, language).name, part.reason) : part.reason;
}

void print_text(const Found& found, Language language) {
  if (found.parts.empty()) {
    fmt::print("{}\n", kEmpty.in(language));
    return;
  }
  for (const SiteQueue& part : found.parts) {
    fmt::print("{:32} {:>12} {}  {}\n", one_line(part.site), grouped(part.recipients), kMails.in(language),
               why(part, language));
    if (part.state == "deferred") fmt::print("    {}: {}\n", kNext.in(language), local_time(part.next_due));
    fmt::print("    {}: {}\n", kSince.in(language), local_time(part.laid_at));
    if (const auto rest = found.resting.find(part.site); rest != found.resting.end()) {
      fmt::print("    {}\n", fmt::format(fmt::runtime(kRests.in(language)), local_time(rest->second)));
    }
  }
  if (found.more) fmt::print("\n{}\n", kMore.in(language));
}

void print_json(const Found& found) {
  boost::json::array parts;
  for (const SiteQueue& part : found.parts) {
    const auto rest = found.resting.find(part.site);
    boost::json::object object{{"site", part.site},
                               {"state", part.state},
                               {"reason", part.reason},
                               {"recipients", part.recipients},
                               {"queued_at", utc_time(part.laid_at)}};
    object["next_try_at"] = nullptr;
    if (part.state == "deferred") object["next_try_at"] = utc_time(part.next_due);
    object["rests_until"] = nullptr;
    if (rest != found.resting.end()) object["rests_until"] = utc_time(rest->second);
    parts.push_back(std::move(object));
  }
  fmt::print("{}\n", boost::json::serialize(parts));
}

void show(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  queue::QueueFilter filter{.campaign = {}, .site = base::ascii_lower(arguments.domain), .limit = arguments.limit + 1};
  if (!arguments.campaign.empty()) {
    const auto campaign = campaign::find(*db, arguments.campaign);
    if (!campaign) return context.fail(campaign.error());
    filter.campaign = campaign->id;
  }
  Found found{.parts = queue::waiting_by_site(*db, filter),
              .resting = audience::held_sites(*db, base::SystemClock().now())};
  found.more = std::ssize(found.parts) > arguments.limit;
  if (found.more) found.parts.pop_back();
  if (arguments.format == "json") return print_json(found);
  print_text(found, context.lang());
}

}  // namespace

void add_queue(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("queue", "What waits to be sent, to whom, why, and when it is tried next");
  const auto arguments = std::make_shared<Arguments>();  // shared with the callback
  command->add_option("domain", arguments->domain, "Only mail to this receiving domain");
  command->add_option("--campaign", arguments->campaign, "Only this campaign's");
  command->add_option("--limit", arguments->limit, "At most so many lines")->check(CLI::Range(1, 1'000'000));
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { show(context, *arguments); });
}

}  // namespace todoku::app
