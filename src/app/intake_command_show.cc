// `todoku intake show ID`: why that mail failed, who has to act and what to do; or the thing as it came.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/intake_command.h"
#include "app/intake_words.h"
#include "app/phrase.h"
#include "audience/contact.h"
#include "campaign/campaign.h"
#include "intake/records.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using bounce::Language;

struct Arguments {
  std::int64_t id = 0;
  bool original = false;
  std::string format = "text";
};

void print_verdict(const intake::StoredVerdict& verdict, Language language) {
  fmt::print("\n  {}: {}\n", one_line(verdict.address), reason_name(verdict.reason, language));
  if (const auto reason = bounce::reason_of(verdict.reason)) {
    const bounce::Explanation& words = bounce::explain(*reason, language);
    fmt::print("    {}: {}\n    {}: {}\n    {}: {}\n", Phrase{"原因", "Why"}.in(language), words.why,
               Phrase{"誰が", "Who acts"}.in(language), words.who, Phrase{"対処", "What to do"}.in(language),
               words.what);
  }
  if (verdict.diagnostic.empty()) return;
  fmt::print("    {}: “{}”\n", Phrase{"サーバーの言葉", "The server said"}.in(language), one_line(verdict.diagnostic));
}

void print_text(store::Connection& db, const intake::Entry& entry, Language language) {
  fmt::print("{}  {}  {}\n", local_time(entry.at), road_name(entry.road, language), one_line(entry.subject));
  fmt::print("{}", state_name(entry.state, language));
  if (const auto campaign = campaign::find(db, entry.campaign)) fmt::print(": {}", campaign->name);
  if (const auto contact = audience::find_contact(db, entry.contact)) fmt::print(", {}", contact->address);
  fmt::print("\n");
  if (!entry.problem.empty()) fmt::print("{}\n", one_line(entry.problem));
  for (const intake::StoredVerdict& verdict : intake::verdicts_of(db, entry.id)) print_verdict(verdict, language);
}

void show(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  const auto entry = intake::find_entry(*db, arguments.id);
  if (!entry) {
    return context.fail({base::ErrorCode::not_found, fmt::format("nothing came in under number {}", arguments.id),
                         "`todoku intake list` shows the numbers", ""},
                        2);
  }
  if (arguments.original) {
    const auto original = intake::original_of(*db, arguments.id);
    if (!original) {
      return context.fail({base::ErrorCode::not_found, "the original is no longer kept",
                           "intake.keep says for how long they are; replies of people lie in their own mailbox", ""});
    }
    std::fwrite(original->data(), 1, original->size(), stdout);
    return;
  }
  if (arguments.format == "text") return print_text(*db, *entry, context.lang());
  fmt::print("{}\n", boost::json::serialize(entry_object(*db, *entry)));
}

}  // namespace

void add_intake_show(CLI::App& intake, Context& context) {
  CLI::App* command = intake.add_subcommand("show", "Show one of them with why, who and what; or as it came");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("ID", arguments->id, "Its number, as list shows it")->required();
  command->add_flag("--original", arguments->original, "The mail or event itself, as it came");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { show(context, *arguments); });
}

}  // namespace todoku::app
