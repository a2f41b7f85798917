// `todoku policy simulate`: whom other rules would have stopped, from all that is stored of the past. Changes nothing.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <array>
#include <boost/json.hpp>
#include <map>
#include <memory>

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/phrase.h"
#include "app/policy_command.h"
#include "app/policy_simulation.h"
#include "app/policy_words.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::StopRule;
using bounce::Language;

constexpr Phrase kRules{"次のルールで過去の配信を調べました(何も変更していません)",
                        "The past under these rules (nothing is changed)"};
constexpr Phrase kSeen{"記録 {} 件、エラーのあった読者 {} 人", "{} events, {} readers with errors"};
constexpr Phrase kTotal{"停止になる読者: {}(実際: {})", "Readers stopped: {} (in fact: {})"};
constexpr Phrase kOfReason{"    {}  {}(実際: {})", "    {}  {} (in fact: {})"};
constexpr Phrase kFact{"実際", "in fact"};
constexpr Phrase kErrors{"回", "errors"};
constexpr Phrase kMore{"    ほか {} 人(--limit で増やせます)", "    and {} more (--limit shows more)"};
constexpr Phrase kApply{"このルールにするには: todoku policy set {}", "To let them hold: todoku policy set {}"};

enum class Change : std::uint8_t { fresh, gone, same };
constexpr std::size_t kChanges = 3;
constexpr std::array<std::string_view, kChanges> kChangeWords = {"new", "not_stopped", "same"};
constexpr std::array<Phrase, kChanges> kChangeNames = {
    Phrase{"新たに停止", "Stopped only under these rules"},
    Phrase{"停止しなくなる", "Stopped in fact, not under these rules"}, Phrase{"どちらでも停止", "Stopped either way"}};

struct Arguments {
  std::vector<std::string> rules;
  std::int64_t version = -1;  // none: the one that holds
  std::int64_t limit = 20;
  std::string format = "text";
};

struct Sum {
  std::int64_t would = 0;
  std::int64_t did = 0;
};

/// A reader whom the report names.
struct Named {
  std::string address;
  std::optional<audience::ReplayedStop> would;
  std::optional<audience::PastStop> did;
};

/// What is kept of the readers: sums, and the first of each change.
struct Findings {
  std::map<bounce::Reason, Sum> by_reason;
  Sum all;
  struct Group {
    std::int64_t readers = 0;
    std::vector<Named> named;
  };
  std::array<Group, kChanges> groups;
};

Change change_of(const Named& reader) {
  if (!reader.did) return Change::fresh;
  return reader.would ? Change::same : Change::gone;
}

bounce::Reason reason_of(const Named& reader) { return reader.would ? reader.would->reason : reader.did->reason; }

boost::json::object reader_object(const Named& reader, Language language) {
  const bounce::Reason reason = reason_of(reader);
  boost::json::object object{{"address", reader.address},
                             {"change", kChangeWords.at(static_cast<std::size_t>(change_of(reader)))},
                             {"reason", bounce::to_string(reason)},
                             {"reason_text", bounce::explain(reason, language).name},
                             {"at", nullptr},
                             {"errors", nullptr},
                             {"rule", nullptr},
                             {"stopped_at", nullptr}};
  if (reader.would) {
    object["at"] = utc_time(reader.would->at);
    object["errors"] = reader.would->errors;
    object["rule"] = reader.would->rule;
  }
  if (reader.did) object["stopped_at"] = utc_time(reader.did->at);
  return object;
}

void count(Findings& findings, const Named& reader) {
  if (reader.would) {
    ++findings.all.would;
    ++findings.by_reason[reader.would->reason].would;
  }
  if (reader.did) {
    ++findings.all.did;
    ++findings.by_reason[reader.did->reason].did;
  }
  ++findings.groups.at(static_cast<std::size_t>(change_of(reader))).readers;
}

boost::json::object summary(const Findings& findings, const SimulatedEvents& seen, const audience::StopRules& rules,
                            Language language) {
  boost::json::array by_reason;
  for (const auto& [reason, sum] : findings.by_reason) {
    by_reason.push_back({{"reason", bounce::to_string(reason)},
                         {"name", bounce::explain(reason, language).name},
                         {"would_stop", sum.would},
                         {"stopped", sum.did}});
  }
  boost::json::object changes;
  for (std::size_t i = 0; i < kChanges; ++i) changes[kChangeWords.at(i)] = findings.groups.at(i).readers;
  audience::PolicyVersion version;
  version.rules = rules.rules;
  boost::json::array texts;
  for (const StopRule& rule : all_rules(version, rules.defaults)) texts.push_back(rule_object(rule, language));
  return {{"rules", std::move(texts)},        {"events", seen.events},       {"readers_with_errors", seen.readers},
          {"would_stop", findings.all.would}, {"stopped", findings.all.did}, {"changes", std::move(changes)},
          {"by_reason", std::move(by_reason)}};
}

void print_group(const Findings::Group& group, Language language) {
  for (const Named& reader : group.named) {
    fmt::print("    {}  {}", one_line(reader.address), bounce::explain(reason_of(reader), language).name);
    if (reader.would) {
      fmt::print("  {}  {} {}", local_time(reader.would->at), reader.would->errors, kErrors.in(language));
    }
    if (reader.did) fmt::print("  {}: {}", kFact.in(language), local_time(reader.did->at));
    fmt::print("\n");
  }
  const auto more = group.readers - static_cast<std::int64_t>(group.named.size());
  if (more > 0) fmt::print("{}\n", fmt::format(fmt::runtime(kMore.in(language)), grouped(more)));
}

void print_text(const Findings& findings, const SimulatedEvents& seen, const audience::StopRules& rules,
                Language language) {
  const auto say = [language](const Phrase& phrase, const auto&... values) {
    fmt::print("{}\n", fmt::format(fmt::runtime(phrase.in(language)), values...));
  };
  say(kRules);
  audience::PolicyVersion version;
  version.rules = rules.rules;
  for (const StopRule& rule : all_rules(version, rules.defaults)) fmt::print("    {}\n", rule_sentence(rule, language));
  fmt::print("\n");
  say(kSeen, grouped(seen.events), grouped(seen.readers));
  say(kTotal, grouped(findings.all.would), grouped(findings.all.did));
  for (const auto& [reason, sum] : findings.by_reason) {
    say(kOfReason, bounce::explain(reason, language).name, grouped(sum.would), grouped(sum.did));
  }
  for (const Change change : {Change::fresh, Change::gone}) {
    const auto& group = findings.groups.at(static_cast<std::size_t>(change));
    fmt::print("\n{}: {}\n", kChangeNames.at(static_cast<std::size_t>(change)).in(language), grouped(group.readers));
    print_group(group, language);
  }
}

base::Result<audience::StopRules> chosen_rules(Context& context, const Arguments& arguments) {
  const auto wanted = read_rules(arguments.rules);
  if (!wanted) return wanted.error();
  const auto db = context.store().read();
  auto version = arguments.version < 0 ? base::Result<audience::PolicyVersion>(audience::current_policy(*db))
                                       : audience::find_policy(*db, arguments.version);
  if (!version) return std::move(version).error();
  for (const StopRule& rule : *wanted) audience::set_rule(version->rules, rule);
  return audience::StopRules{stop_limits(context.config()), std::move(version->rules), version->number};
}

void simulate(Context& context, const Arguments& arguments) {
  const auto rules = chosen_rules(context, arguments);
  if (!rules) return context.fail(rules.error(), 2);
  const Language language = context.lang();
  const bool lines = arguments.format == "jsonl";
  Findings findings;
  const SimulatedEvents seen = simulate_policy(context.store(), *rules, [&](const SimulatedReader& found) {
    Named reader{found.contact.address, found.would, found.did};
    count(findings, reader);
    auto& group = findings.groups.at(static_cast<std::size_t>(change_of(reader)));
    if (lines) {
      fmt::print("{}\n", boost::json::serialize(reader_object(reader, language)));
    } else if (static_cast<std::int64_t>(group.named.size()) < arguments.limit) {
      group.named.push_back(std::move(reader));
    }
  });
  if (lines) return;
  if (arguments.format == "text") {
    print_text(findings, seen, *rules, language);
    if (!arguments.rules.empty()) {
      fmt::print("\n{}\n",
                 fmt::format(fmt::runtime(kApply.in(language)), fmt::format("{}", fmt::join(arguments.rules, " "))));
    }
    return;
  }
  boost::json::object object = summary(findings, seen, *rules, language);
  boost::json::array readers;
  for (const auto& group : findings.groups) {
    for (const Named& reader : group.named) readers.push_back(reader_object(reader, language));
  }
  object["readers"] = std::move(readers);
  fmt::print("{}\n", boost::json::serialize(object));
}

}  // namespace

void add_policy_simulate(CLI::App& policy, Context& context) {
  CLI::App* command = policy.add_subcommand("simulate", "Whom other rules would have stopped so far");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--rule", arguments->rules, "A rule as `policy set` takes it, put on those that hold");
  command->add_option("--version", arguments->version, "Put on those of this version instead; 0: the defaults")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--limit", arguments->limit, "Show at most so many readers of each kind")
      ->check(CLI::Range(0, 1'000'000));
  command->add_option("--format", arguments->format, "text, json, or jsonl: every reader, a line each")
      ->check(CLI::IsMember({"text", "json", "jsonl"}));
  command->callback([&context, arguments] { simulate(context, *arguments); });
}

}  // namespace todoku::app
