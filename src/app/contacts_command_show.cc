// `todoku contacts show`: everything that is known of one contact.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/contacts_command.h"
#include "audience/contact_event.h"
#include "audience/correction.h"
#include "audience/stops.h"
#include "audience/suppression.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using bounce::Language;

struct Arguments {
  std::string address;
  std::string format = "text";
};

struct Story {
  audience::Contact contact;
  std::vector<std::string> lists;
  std::optional<audience::Suppression> refusal;
  std::vector<audience::Stop> stops;  // open ones
  std::vector<audience::ContactEvent> events;
};

/// "one_click" in words.
std::string_view cause_name(std::string_view cause, Language language) {
  if (cause == "one_click") return Phrase{"メールソフトのボタン", "the mail program's button"}.in(language);
  if (cause == "page") return Phrase{"配信停止ページ", "the page behind the link"}.in(language);
  return cause;
}

Phrase event_name(std::string_view kind) {
  if (kind == audience::kCorrectedEvent) return {"訂正前のアドレス", "Address before"};
  return {"配信停止の手段", "Unsubscribed by"};
}

std::string event_text(const audience::ContactEvent& event, Language language) {
  std::string by = fmt::format("{} ({})", cause_name(event.cause, language), local_time(event.at));
  if (!event.campaign) return by;
  return fmt::format("{}, {} {}", by, Phrase{"配信", "campaign"}.in(language), event.campaign.value);
}

base::Result<Story> story_of(store::Connection& db, const std::string& address) {
  auto contact = need_contact(db, address);
  if (!contact) return std::move(contact).error();
  const auto id = contact->id;
  auto refusal = audience::find_suppression(db, contact->address_key);
  return Story{*std::move(contact), audience::lists_of(db, id), std::move(refusal),
               audience::find_stops(db, {.contact = id}), audience::events_of(db, id)};
}

void print_text(const Story& story, Language language) {
  const auto& contact = story.contact;
  const auto line = [&](Phrase name, std::string_view value) {
    if (!value.empty()) fmt::print("{}: {}\n", name.in(language), value);
  };
  line({"アドレス", "Address"}, contact.address);
  line({"氏名", "Name"}, contact.name);
  line({"状態", "State"}, state_name(contact.state, language));
  line({"同意", "Consent"}, contact.consent
                                ? *contact.consent + " (" + local_time(*contact.consent_at) + ")"
                                : std::string(Phrase{"根拠なし (配信されません)", "none: not sent to"}.in(language)));
  line({"登録", "Added"}, local_time(contact.created_at));
  for (const auto& list : story.lists) line({"アドレス帳", "List"}, list);
  for (const auto& [name, value] : contact.fields) fmt::print("  {}: {}\n", name, value);
  if (story.refusal) {
    line({"配信禁止", "Suppressed"}, story.refusal->reason + " (" + local_time(story.refusal->at) + ")");
  }
  for (const auto& event : story.events) line(event_name(event.kind), event_text(event, language));
  for (const auto& stop : story.stops) {
    const auto& explanation = bounce::explain(stop.reason, language);
    line({"エラー停止", "Stopped by errors"}, explanation.name + " (" + local_time(stop.at) + ")");
    line({"サーバーの応答", "The server said"}, stop.reply);
    line({"対処法", "What to do"}, explanation.what);
  }
}

void print_json(const Story& story) {
  const auto& contact = story.contact;
  boost::json::object fields;
  for (const auto& [name, value] : contact.fields) fields[name] = value;
  boost::json::object object{{"id", contact.id.value},
                             {"address", contact.address},
                             {"name", contact.name},
                             {"state", audience::to_string(contact.state)},
                             {"fields", std::move(fields)},
                             {"lists", boost::json::array(story.lists.begin(), story.lists.end())},
                             {"created_at", utc_time(contact.created_at)},
                             {"changed_at", utc_time(contact.changed_at)},
                             {"consent", nullptr},
                             {"suppression", nullptr}};
  if (contact.consent) object["consent"] = {{"basis", *contact.consent}, {"at", utc_time(*contact.consent_at)}};
  if (story.refusal) object["suppression"] = {{"reason", story.refusal->reason}, {"at", utc_time(story.refusal->at)}};
  boost::json::array stops;
  for (const auto& stop : story.stops) {
    stops.push_back({{"reason", bounce::to_string(stop.reason)}, {"at", utc_time(stop.at)}, {"reply", stop.reply}});
  }
  object["stops"] = std::move(stops);
  boost::json::array events;
  for (const auto& event : story.events) {
    events.push_back(
        {{"kind", event.kind}, {"cause", event.cause}, {"campaign", event.campaign.value}, {"at", utc_time(event.at)}});
  }
  object["events"] = std::move(events);
  fmt::print("{}\n", boost::json::serialize(object));
}

}  // namespace

void add_contacts_show(CLI::App& contacts, Context& context) {
  CLI::App* command = contacts.add_subcommand("show", "Show all that is known of one contact");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("address", arguments->address, "In any spelling")->required();
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] {
    const auto db = context.store().read();
    const auto story = story_of(*db, arguments->address);
    if (!story) return context.fail(story.error(), 2);
    if (arguments->format == "json") return print_json(*story);
    print_text(*story, context.lang());
  });
}

}  // namespace todoku::app
