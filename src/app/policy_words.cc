#include "app/policy_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "app/phrase.h"
#include "provider/providers.h"

namespace todoku::app {
namespace {

using audience::ErrorKind;
using audience::StopRule;
using bounce::Language;

constexpr Phrase kHard{"恒久的な宛先エラー(宛先不明・ドメイン不明など)",
                       "Permanent address errors (no such user, no such domain …)"};
constexpr Phrase kMailbox{"受信箱のエラー(容量超過・アカウント停止・受信拒否)",
                          "Mailbox errors (full, disabled, refusing)"};
constexpr Phrase kTo{"{}({} 宛)", "{} at {}"};
constexpr Phrase kNever{"停止しない", "never stops"};
constexpr Phrase kAtOnce{"1回の失敗で停止", "stops at the first failure"};
constexpr Phrase kInARow{"{}回続けて失敗したら停止", "stops after {} failures in a row"};
constexpr Phrase kOverDays{"{}回続けて、{}日以上にわたって失敗したら停止",
                           "stops after {} failures in a row over at least {} days"};
constexpr Phrase kKept{"(開封しても回数は戻さない)", " (an opening does not set the count back)"};

std::string cause_words(const audience::Cause& cause, Language language) {
  if (const auto* kind = std::get_if<ErrorKind>(&cause)) {
    return std::string((*kind == ErrorKind::hard ? kHard : kMailbox).in(language));
  }
  return bounce::explain(std::get<bounce::Reason>(cause), language).name;
}

std::string receiver_words(const std::string& receiver, Language language) {
  const provider::Provider* known = provider::Providers::built_in().of_name(receiver);
  if (known == nullptr) return receiver;
  return language == Language::ja && !known->title_ja.empty() ? known->title_ja : known->title;
}

std::string limit_words(const StopRule& rule, Language language) {
  if (rule.errors == 0) return std::string(kNever.in(language));
  if (rule.days > 0) return fmt::format(fmt::runtime(kOverDays.in(language)), rule.errors, rule.days);
  if (rule.errors == 1) return std::string(kAtOnce.in(language));
  return fmt::format(fmt::runtime(kInARow.in(language)), rule.errors);
}

}  // namespace

std::string rule_sentence(const StopRule& rule, Language language) {
  std::string what = cause_words(rule.cause, language);
  if (!rule.receiver.empty()) {
    what = fmt::format(fmt::runtime(kTo.in(language)), what, receiver_words(rule.receiver, language));
  }
  std::string sentence = what + ": " + limit_words(rule, language);
  if (!rule.reset_on_open && rule.errors > 0) sentence += kKept.in(language);
  return sentence;
}

boost::json::object rule_object(const StopRule& rule, Language language) {
  return {{"rule", audience::rule_text(rule)},
          {"cause", audience::to_string(rule.cause)},
          {"receiver", rule.receiver.empty() ? boost::json::value(nullptr) : boost::json::value(rule.receiver)},
          {"errors", rule.errors},
          {"days", rule.days},
          {"reset_on_open", rule.reset_on_open},
          {"text", rule_sentence(rule, language)}};
}

std::vector<StopRule> all_rules(const audience::PolicyVersion& version, const audience::StopLimits& defaults) {
  std::vector<StopRule> rules = {{.cause = ErrorKind::hard, .errors = defaults.hard},
                                 {.cause = ErrorKind::mailbox, .errors = defaults.mailbox}};
  for (const StopRule& rule : version.rules) {
    const auto same = std::ranges::find_if(
        rules, [&](const StopRule& other) { return other.cause == rule.cause && other.receiver == rule.receiver; });
    if (same == rules.end()) {
      rules.push_back(rule);
    } else {
      *same = rule;
    }
  }
  std::ranges::sort(rules, [](const StopRule& a, const StopRule& b) {
    return std::pair(a.cause, a.receiver) < std::pair(b.cause, b.receiver);
  });
  return rules;
}

boost::json::object policy_object(const audience::PolicyVersion& version, const audience::StopLimits& defaults,
                                  Language language) {
  boost::json::array rules;
  for (const StopRule& rule : all_rules(version, defaults)) rules.push_back(rule_object(rule, language));
  return {{"version", version.number},
          {"at", version.number == 0 ? boost::json::value(nullptr) : boost::json::value(utc_time(version.at))},
          {"author", version.author},
          {"note", version.note},
          {"rules", std::move(rules)}};
}

}  // namespace todoku::app
