#include "app/stop_story.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <map>

#include "app/contacts_command.h"
#include "app/intake_events.h"
#include "app/outcome_events.h"
#include "app/phrase.h"
#include "app/policy_words.h"
#include "app/remedy_actions.h"
#include "audience/dead_domain.h"
#include "intake/history.h"
#include "queue/history.h"

namespace todoku::app {
namespace {

using audience::StopRecord;
using bounce::Language;

constexpr Phrase kStopped{"エラー停止", "Stopped by errors"};
constexpr Phrase kHeld{"停止を保留(受信側の障害の疑い)", "Stop held for review: the receiver erred as a whole"};
constexpr Phrase kReleased{"停止解除", "Resumed"};
constexpr Phrase kRule{"ルール", "Rule"};
constexpr Phrase kVersion{"第{}版、{} {}", "version {}, {} {}"};
constexpr Phrase kDefault{"初期設定", "default"};
constexpr Phrase kWhy{"何が起きたか", "What happened"};
constexpr Phrase kTodo{"対処法", "What to do"};
constexpr Phrase kChannels{"別の連絡先", "Other ways to reach them"};
constexpr Phrase kHistory{"経過", "History"};
constexpr Phrase kLate{"(後から戻ったエラー)", " (came back later)"};
constexpr Phrase kNothing{"記録されたエラーはありません。", "No errors are stored."};
constexpr Phrase kDomain{"ドメインが存在しないことをDNSで数日続けて確認",
                         "the domain is gone: DNS said so on several days"};
constexpr Phrase kTested{"確認メールを用意", "A test mail was laid down"};
constexpr Phrase kWorks{"確認メールは届きました", "The test mail arrived"};
constexpr Phrase kFails{"確認メールは届きませんでした", "The test mail failed"};
constexpr Phrase kErrors{"エラー{}回", "{} in a row"};

/// "ルールの文 (第2版、日時 作成者)".
std::string rule_words(store::Connection& db, const audience::Stop& stop, Language language) {
  if (stop.rule == audience::kDeadDomainRule) return std::string(kDomain.in(language));
  const auto rule = audience::read_rule(stop.rule);
  if (!rule) return stop.rule;
  std::string sentence = rule_sentence(*rule, language);
  if (stop.version == 0) return fmt::format("{} ({})", sentence, kDefault.in(language));
  const auto version = audience::find_policy(db, stop.version);
  if (!version) return sentence;
  const std::string by = fmt::format(fmt::runtime(kVersion.in(language)), version->number, local_time(version->at),
                                     one_line(version->author));
  return fmt::format("{} ({})", sentence, by.substr(0, by.find_last_not_of(' ') + 1));
}

void print_open(store::Connection& db, const StopStory& story, const audience::Stop& stop, Language language) {
  const auto& explanation = bounce::explain(stop.reason, language);
  fmt::print("{}: {}  {}\n", kStopped.in(language), explanation.name, local_time(stop.at));
  if (!stop.rule.empty()) fmt::print("  {}: {}\n", kRule.in(language), rule_words(db, stop, language));
  fmt::print("  {}: {}\n  {}: {}\n", kWhy.in(language), explanation.why, kTodo.in(language), explanation.what);
  ActionSubject subject{.address = story.contact.address};
  if (stop.campaign) subject.campaign = std::to_string(stop.campaign.value);
  fmt::print("{}", action_lines(stop.reason, subject, language, 4));
}

/// Lines of the history by their times.
using Lines = std::multimap<base::Time, std::string>;

void add_errors(store::Connection& db, const StopStory& story, Language language, Lines& lines) {
  MailNames names(language);
  for (const StoryError& error : story.errors) {
    std::string line = bounce::explain(error.reason, language).name;
    if (error.late) line += kLate.in(language);
    if (const auto& name = names.of(db, error.campaign); !name.empty()) line = one_line(name) + "  " + line;
    if (!error.reply.empty()) line += "\n        " + one_line(error.reply);
    lines.emplace(error.at, std::move(line));
  }
}

void add_stops(const StopStory& story, Language language, Lines& lines) {
  for (const StopRecord& record : story.stops) {
    const std::string what(record.held ? kHeld.in(language) : kStopped.in(language));
    lines.emplace(record.stop.at, fmt::format("→ {}: {} ({})", what, bounce::explain(record.stop.reason, language).name,
                                              fmt::format(fmt::runtime(kErrors.in(language)), record.stop.errors)));
    if (!record.released_at) continue;
    std::string released = fmt::format("→ {}", kReleased.in(language));
    if (!record.release_note.empty()) released += ": " + one_line(record.release_note);
    lines.emplace(*record.released_at, std::move(released));
  }
}

void add_tests(const StopStory& story, Language language, Lines& lines) {
  for (const audience::Retest& test : story.tests) {
    lines.emplace(test.asked_at, fmt::format("→ {}", kTested.in(language)));
    if (!test.decided_at || test.result == "dropped") continue;
    std::string line = fmt::format("→ {}", (test.result == "released" ? kWorks : kFails).in(language));
    if (test.result == "failed" && !test.reply.empty()) line += "\n        " + one_line(test.reply);
    lines.emplace(*test.decided_at, std::move(line));
  }
}

boost::json::object record_object(store::Connection& db, const StopRecord& record, Language language) {
  const audience::Stop& stop = record.stop;
  const auto& explanation = bounce::explain(stop.reason, language);
  boost::json::object object{{"id", stop.id.value},
                             {"reason", bounce::to_string(stop.reason)},
                             {"reason_text", explanation.name},
                             {"why", explanation.why},
                             {"remedy", explanation.what},
                             {"errors", stop.errors},
                             {"stopped_at", utc_time(stop.at)},
                             {"reply", stop.reply},
                             {"rule", stop.rule},
                             {"rule_text", rule_words(db, stop, language)},
                             {"version", stop.version},
                             {"held", record.held},
                             {"released_at", nullptr},
                             {"release_note", record.release_note}};
  if (record.released_at) object["released_at"] = utc_time(*record.released_at);
  return object;
}

}  // namespace

StopStory story_of(store::Connection& db, audience::Contact contact) {
  StopStory story{std::move(contact), {}, {}, {}};
  const std::vector<std::int64_t> one = {story.contact.id.value};
  const auto add = [&story](std::optional<audience::Event> event) {
    if (!event || event->reason == bounce::Reason::delivered) return;
    story.errors.push_back({event->at, event->campaign, event->reason, std::move(event->reply), event->late});
  };
  queue::each_failure(db, one, [&](const queue::Outcome& outcome) { add(event_of(outcome)); });
  intake::each_finding(db, one, [&](const intake::Finding& finding) { add(event_of(finding)); });
  std::ranges::sort(story.errors, {}, &StoryError::at);
  story.stops = audience::stops_of(db, story.contact.id);
  story.tests = audience::retests_of(db, story.contact.id);
  return story;
}

void print_story(store::Connection& db, const StopStory& story, Language language) {
  fmt::print("{}  {}\n", one_line(story.contact.address), state_name(story.contact.state, language));
  const std::string channels = other_channels(story.contact);
  if (!channels.empty()) fmt::print("  {}: {}\n", kChannels.in(language), channels);
  for (const StopRecord& record : story.stops) {
    if (!record.released_at && !record.held) print_open(db, story, record.stop, language);
  }
  Lines lines;
  add_errors(db, story, language, lines);
  add_stops(story, language, lines);
  add_tests(story, language, lines);
  if (lines.empty()) {
    fmt::print("{}\n", kNothing.in(language));
    return;
  }
  fmt::print("\n{}\n", kHistory.in(language));
  for (const auto& [at, line] : lines) fmt::print("  {}  {}\n", local_time(at), line);
}

boost::json::object story_object(store::Connection& db, const StopStory& story, Language language) {
  MailNames names(language);
  boost::json::array errors, stops, tests;
  for (const StoryError& error : story.errors) {
    errors.push_back({{"at", utc_time(error.at)},
                      {"campaign", error.campaign.value},
                      {"campaign_name", names.of(db, error.campaign)},
                      {"reason", bounce::to_string(error.reason)},
                      {"reason_text", bounce::explain(error.reason, language).name},
                      {"reply", error.reply},
                      {"late", error.late}});
  }
  for (const StopRecord& record : story.stops) stops.push_back(record_object(db, record, language));
  for (const audience::Retest& test : story.tests) {
    tests.push_back({{"asked_at", utc_time(test.asked_at)}, {"result", test.result}, {"reply", test.reply}});
  }
  boost::json::object fields;
  for (const auto& [name, value] : story.contact.fields) fields[name] = value;
  return {{"address", story.contact.address}, {"name", story.contact.name},
          {"fields", std::move(fields)},      {"state", audience::to_string(story.contact.state)},
          {"errors", std::move(errors)},      {"stops", std::move(stops)},
          {"tests", std::move(tests)}};
}

}  // namespace todoku::app
