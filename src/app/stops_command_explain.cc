// `todoku stops explain`: why one contact is stopped, or was.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <charconv>
#include <memory>

#include "app/command.h"
#include "app/stop_story.h"
#include "app/stops_command.h"
#include "store/store.h"

namespace todoku::app {
namespace {

struct Arguments {
  std::string who;
  std::string format = "text";
};

std::optional<audience::Contact> find_who(store::Connection& db, const std::string& who) {
  std::int64_t id = 0;
  const auto [end, code] = std::from_chars(who.data(), who.data() + who.size(), id);
  if (code != std::errc() || end != who.data() + who.size()) return audience::find_contact(db, who);
  const base::ContactId contact = audience::contact_of(db, audience::StopId{id});
  return contact ? audience::find_contact(db, contact) : std::nullopt;
}

void explain(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  auto contact = find_who(*db, arguments.who);
  if (!contact) {
    return context.fail({base::ErrorCode::not_found, "no such contact or stop: " + arguments.who,
                         "an address, or an id of `todoku stops list --format json`", ""},
                        2);
  }
  const StopStory story = story_of(*db, *std::move(contact));
  if (arguments.format == "json") {
    fmt::print("{}\n", boost::json::serialize(story_object(*db, story, context.lang())));
  } else {
    print_story(*db, story, context.lang());
  }
}

}  // namespace

void add_stops_explain(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("explain", "Tell why a contact is stopped, error by error");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("WHO", arguments->who, "An address, or the id of a stop")->required();
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { explain(context, *arguments); });
}

}  // namespace todoku::app
