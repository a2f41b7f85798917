// `todoku intake list`: what came in, the newest first, and how much of it by road.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/intake_command.h"
#include "app/intake_words.h"
#include "app/phrase.h"
#include "audience/contact.h"
#include "intake/records.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using bounce::Language;

struct Arguments {
  intake::EntryFilter filter;
  std::string address;
  std::string format = "text";
};

void print_entry(store::Connection& db, const intake::Entry& entry, Language language) {
  fmt::print("{:>8}  {}  {}  {}", entry.id, local_time(entry.at), state_name(entry.state, language),
             one_line(entry.subject));
  for (const intake::StoredVerdict& verdict : intake::verdicts_of(db, entry.id)) {
    fmt::print("\n          {}: {}", one_line(verdict.address), reason_name(verdict.reason, language));
  }
  if (!entry.problem.empty()) fmt::print("\n          {}", one_line(entry.problem));
  fmt::print("\n");
}

void print_text(store::Connection& db, const std::vector<intake::Entry>& entries, Language language) {
  for (const intake::EntryCount& count : intake::count_entries(db)) {
    fmt::print("{}  {}: {}\n", road_name(count.road, language), state_name(count.state, language),
               grouped(count.entries));
  }
  if (entries.empty())
    fmt::print("{}\n", Phrase{"該当するメールはありません。", "Nothing of this kind came in."}.in(language));
  for (const intake::Entry& entry : entries) print_entry(db, entry, language);
}

void list(Context& context, Arguments arguments) {
  const auto db = context.store().read();
  if (!arguments.address.empty()) {
    const auto contact = audience::find_contact(*db, arguments.address);
    if (!contact) {
      return context.fail({base::ErrorCode::not_found, "no such contact: " + arguments.address, "", "--address"}, 2);
    }
    arguments.filter.contact = contact->id;
  }
  const auto entries = intake::find_entries(*db, arguments.filter);
  if (arguments.format == "text") return print_text(*db, entries, context.lang());
  boost::json::array array;
  for (const intake::Entry& entry : entries) array.push_back(entry_object(*db, entry));
  fmt::print("{}\n", boost::json::serialize(array));
}

}  // namespace

void add_intake_list(CLI::App& intake, Context& context) {
  CLI::App* command = intake.add_subcommand("list", "Show what came in, the newest first");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--state", arguments->filter.state, "Only these")
      ->check(CLI::IsMember({"joined", "refusal", "reply", "foreign", "aside", "report", "dead"}));
  command->add_option("--road", arguments->filter.road, "Only by this road")
      ->check(CLI::IsMember({"smtp", "mailbox", "folder", "pipe", "webhook"}));
  command->add_option("--address", arguments->address, "Only about mails to this contact");
  command->add_option("--before", arguments->filter.before, "Only older ones than this number, for the next page");
  command->add_option("--limit", arguments->filter.limit, "At most so many")->check(CLI::Range(1, 100'000));
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { list(context, *arguments); });
}

}  // namespace todoku::app
