// `todoku stops list`: by cause, with what to do about it; or one object a stop.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <map>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/remedy_actions.h"
#include "app/stops_command.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::Stop;
using bounce::Language;

constexpr Phrase kNone{"エラー停止の読者はいません。", "No contacts are stopped."};
constexpr Phrase kTotal{"エラー停止", "Stopped by errors"};
constexpr Phrase kContacts{"件", "contacts"};
constexpr Phrase kChannels{"別の連絡先", "Other ways to reach them"};
constexpr Phrase kTodo{"対処法", "What to do"};
constexpr Phrase kErrors{"回", "errors"};
constexpr Phrase kMore{"さらにあります。--limit で増やせます。", "There are more; --limit shows more of them."};

struct Arguments {
  StopChoice choice;
  std::string format = "text";
  std::int64_t limit = 100;
};

void print_json(const std::vector<Stop>& stops, Language language) {
  boost::json::array array;
  for (const auto& stop : stops) {
    const auto& explanation = bounce::explain(stop.reason, language);
    boost::json::object object{{"id", stop.id.value},
                               {"contact", stop.contact.value},
                               {"address", stop.address},
                               {"name", stop.name},
                               {"reason", bounce::to_string(stop.reason)},
                               {"reason_text", explanation.name},
                               {"remedy", explanation.what},
                               {"errors", stop.errors},
                               {"reply", stop.reply},
                               {"stopped_at", utc_time(stop.at)},
                               {"rule", stop.rule},
                               {"version", stop.version},
                               {"would_fail_again", audience::would_fail_again(stop.reason)}};
    object["campaign"] = stop.campaign ? boost::json::value(stop.campaign.value) : boost::json::value(nullptr);
    array.push_back(std::move(object));
  }
  fmt::print("{}\n", boost::json::serialize(array));
}

/// How those can be reached whom mail does not reach.
using Channels = std::map<base::ContactId, std::string>;

Channels channels_of(store::Connection& db, const std::vector<Stop>& stops) {
  std::vector<base::ContactId> ids;
  for (const Stop& stop : stops) {
    if (asks_by_another_channel(stop.reason)) ids.push_back(stop.contact);
  }
  Channels channels;
  for (const audience::Contact& contact : audience::find_contacts(db, ids)) {
    if (!contact.fields.empty()) channels[contact.id] = other_channels(contact);
  }
  return channels;
}

void print_stop(const Stop& stop, const Channels& channels, Language language) {
  fmt::print("    {}  {}{}  {} {}\n", local_time(stop.at), stop.address, stop.name.empty() ? "" : "  " + stop.name,
             stop.errors, kErrors.in(language));
  // A server's words may hold anything; one line, shortened.
  std::string reply = stop.reply.substr(0, stop.reply.find_first_of("\r\n"));
  if (reply.size() > 160) reply.resize(160);
  if (!reply.empty()) fmt::print("        {}\n", reply);
  const auto other = channels.find(stop.contact);
  if (other != channels.end()) fmt::print("        {}: {}\n", kChannels.in(language), other->second);
}

void print_text(const std::vector<audience::StopCount>& counts, const std::vector<Stop>& stops,
                const Channels& channels, bool more, Language language) {
  std::int64_t all = 0;
  for (const auto& count : counts) all += count.stops;
  if (stops.empty()) {
    fmt::print("{}\n", kNone.in(language));
    return;
  }
  fmt::print("{}: {} {}\n", kTotal.in(language), grouped(all), kContacts.in(language));
  for (const auto& count : counts) {
    const auto& explanation = bounce::explain(count.reason, language);
    fmt::print("\n  {} ({})  {} {}\n    {}: {}\n", explanation.name, bounce::to_string(count.reason),
               grouped(count.stops), kContacts.in(language), kTodo.in(language), explanation.what);
    fmt::print("{}", action_lines(count.reason, {}, language, 6));
    for (const auto& stop : stops) {
      if (stop.reason == count.reason) print_stop(stop, channels, language);
    }
  }
  if (more) fmt::print("\n{}\n", kMore.in(language));
}

void list(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  auto filter = arguments.choice.filter(*db);
  if (!filter) return context.fail(filter.error(), 2);
  filter->limit = arguments.limit + 1;
  auto stops = audience::find_stops(*db, *filter);
  const bool more = static_cast<std::int64_t>(stops.size()) > arguments.limit;
  if (more) stops.pop_back();
  if (arguments.format == "json") return print_json(stops, context.lang());
  auto counts = audience::count_stops(*db, *filter);
  print_text(counts, stops, channels_of(*db, stops), more, context.lang());
}

}  // namespace

void add_stops_list(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("list", "Show stopped contacts by cause");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  add_stop_choice(*command, arguments->choice);
  command->add_option("--limit", arguments->limit, "At most so many")->check(CLI::Range(1, 1'000'000));
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { list(context, *arguments); });
}

}  // namespace todoku::app
