// `todoku contacts list`: the lists with their numbers, or the members of one.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/contacts_command.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::State;
using bounce::Language;

struct Arguments {
  std::string list;
  std::int64_t limit = 100;
  std::string format = "text";
};

boost::json::object json_of(const audience::List& list, const audience::MemberCounts& counts) {
  boost::json::object states;
  for (int s = 0; s < audience::kStateCount; ++s) {
    states[audience::to_string(static_cast<State>(s))] = counts.of(static_cast<State>(s));
  }
  return {{"name", list.name},
          {"members", list.members},
          {"without_consent", counts.without_consent},
          {"states", std::move(states)}};
}

void print_lists(store::Connection& db, const Arguments& arguments, Language language) {
  boost::json::array array;
  for (const auto& list : audience::lists(db)) {
    const auto counts = audience::count_members(db, list.id);
    if (arguments.format == "json") {
      array.push_back(json_of(list, counts));
      continue;
    }
    fmt::print("{}: {}\n", list.name, grouped(list.members));
    for (int s = 0; s < audience::kStateCount; ++s) {
      const auto state = static_cast<State>(s);
      if (counts.of(state) > 0) fmt::print("  {:>13}  {}\n", grouped(counts.of(state)), state_name(state, language));
    }
    if (counts.without_consent > 0) {
      fmt::print("  {:>13}  {}\n", grouped(counts.without_consent),
                 Phrase{"同意の根拠なし (配信されません)", "without a basis of consent: not sent to"}.in(language));
    }
  }
  if (arguments.format == "json") fmt::print("{}\n", boost::json::serialize(array));
}

void print_members(const std::vector<audience::Contact>& contacts, const Arguments& arguments, Language language) {
  if (arguments.format == "text") {
    for (const auto& contact : contacts) {
      fmt::print("{}\t{}\t{}\n", contact.address, contact.name, state_name(contact.state, language));
    }
    return;
  }
  boost::json::array array;
  for (const auto& contact : contacts) {
    array.push_back({{"id", contact.id.value},
                     {"address", contact.address},
                     {"name", contact.name},
                     {"state", audience::to_string(contact.state)}});
  }
  fmt::print("{}\n", boost::json::serialize(array));
}

void list(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  if (arguments.list.empty()) return print_lists(*db, arguments, context.lang());
  const auto list = need_list(*db, arguments.list);
  if (!list) return context.fail(list.error(), 2);
  print_members(audience::members(*db, *list, {}, arguments.limit), arguments, context.lang());
}

}  // namespace

void add_contacts_list(CLI::App& contacts, Context& context) {
  CLI::App* command = contacts.add_subcommand("list", "Show the lists, or the members of one");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--list", arguments->list, "Show the members of this list");
  command->add_option("--limit", arguments->limit, "At most so many members")->check(CLI::Range(1, 1'000'000));
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { list(context, *arguments); });
}

}  // namespace todoku::app
