#include "audience/stop_rule.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "bounce/explanation.h"
#include "mail/address.h"

namespace todoku::audience {
namespace {

using bounce::Effect;
using bounce::Reason;

constexpr std::string_view kNever = "never";
constexpr std::string_view kKeep = "keep-on-open";
constexpr std::int64_t kMostErrors = 100;
constexpr std::int64_t kMostDays = 3650;
constexpr auto kKindNames = std::to_array<std::string_view>({"hard", "mailbox"});

base::Error fault(std::string message, std::string_view text) {
  return {base::ErrorCode::invalid, std::move(message),
          "CAUSE[@RECEIVER]=ERRORS[/DAYSd][/keep-on-open], for example mailbox_full@gmail=3/7d or expired=never",
          std::string(text)};
}

std::optional<std::int64_t> read_number(std::string_view digits, std::int64_t least, std::int64_t most) {
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (code != std::errc() || end != digits.data() + digits.size() || number < least || number > most) return {};
  return number;
}

std::optional<ErrorKind> kind_of(Reason reason) {
  if (bounce::effect_of(reason) == Effect::hard) return ErrorKind::hard;
  const bool of_the_mailbox =
      reason == Reason::account_disabled || reason == Reason::recipient_refused || reason == Reason::mailbox_full;
  if (of_the_mailbox) return ErrorKind::mailbox;
  return std::nullopt;
}

/// Why errors of this cause are never held against the address.
std::string_view why_not(Reason reason) {
  switch (bounce::effect_of(reason)) {
    case Effect::message:
      return "it lies in the mail, not in the address: another mail arrives";
    case Effect::sender:
      return "it lies in us, the sender: the address is fine, and stopping it would hide the fault";
    case Effect::slow_down:
      return "it means that we send too fast, not that the address fails";
    case Effect::hold:
      return "a relay keeps the mail back; the address itself was not asked";
    case Effect::unsubscribe:
      return "a complaint always unsubscribes";
    case Effect::hard:
    case Effect::soft:
    case Effect::none:
      break;
  }
  return reason == Reason::unknown ? "nobody knows whose fault it is" : "it is no error";
}

base::Result<Cause> read_cause(std::string_view word, std::string_view text) {
  if (const auto kind = std::ranges::find(kKindNames, word); kind != kKindNames.end()) {
    return Cause(static_cast<ErrorKind>(kind - kKindNames.begin()));
  }
  const auto reason = bounce::reason_of(word);
  if (!reason) return fault("no such cause: " + std::string(word), text);
  if (!may_count(*reason)) {
    return base::Error{base::ErrorCode::refused, fmt::format("{} never stops a reader: {}", word, why_not(*reason)),
                       "rules are for hard and mailbox, and single causes of the address or its server",
                       std::string(text)};
  }
  return Cause(*reason);
}

/// A name without a dot is a provider's.
base::Result<std::string> read_receiver(std::string_view word, std::string_view text) {
  if (word.empty()) return fault("nothing stands after the @", text);
  if (word.find('.') != std::string_view::npos) {
    auto domain = mail::ascii_domain(word);
    if (!domain) return fault(std::move(domain).error().message, text);
    return domain;
  }
  std::string name(word);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  return name;
}

base::Result<RuleTarget> read_target(std::string_view word, std::string_view text) {
  const auto at = word.find('@');
  const auto cause = read_cause(word.substr(0, at), text);
  if (!cause) return cause.error();
  RuleTarget target{*cause, ""};
  if (at == std::string_view::npos) return target;
  auto receiver = read_receiver(word.substr(at + 1), text);
  if (!receiver) return std::move(receiver).error();
  target.receiver = *std::move(receiver);
  return target;
}

base::Result<void> read_option(std::string_view word, StopRule& rule, std::string_view text) {
  if (word == kKeep) {
    rule.reset_on_open = false;
    return base::done;
  }
  const auto days = word.ends_with('d') ? read_number(word.substr(0, word.size() - 1), 0, kMostDays) : std::nullopt;
  if (!days) return fault(fmt::format("\"{}\" is no number of days (0d to {}d)", word, kMostDays), text);
  rule.days = *days;
  return base::done;
}

/// How particular a rule is for a mail; negative where it does not fit.
int fit(const StopRule& rule, Reason reason, std::optional<ErrorKind> kind, const Receiver& receiver) {
  constexpr int kCause = 3;
  int points = 0;
  if (rule.cause == Cause(reason)) {
    points = kCause;
  } else if (!kind || rule.cause != Cause(*kind)) {
    return -1;
  }
  if (rule.receiver.empty()) return points;
  if (rule.receiver == receiver.domain) return points + 2;
  return rule.receiver == receiver.provider ? points + 1 : -1;
}

}  // namespace

std::string_view to_string(const Cause& cause) {
  if (const auto* kind = std::get_if<ErrorKind>(&cause)) return kKindNames.at(static_cast<std::size_t>(*kind));
  return bounce::to_string(std::get<Reason>(cause));
}

bool may_count(Reason reason) {
  const Effect effect = bounce::effect_of(reason);
  return (effect == Effect::hard || effect == Effect::soft) && reason != Reason::unknown;
}

base::Result<RuleTarget> read_rule_target(std::string_view text) { return read_target(text, text); }

base::Result<StopRule> read_rule(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return fault("there is no =", text);
  auto target = read_target(text.substr(0, equals), text);
  if (!target) return std::move(target).error();
  StopRule rule{.cause = target->cause, .receiver = std::move(target->receiver)};
  std::string_view rest = text.substr(equals + 1);
  const std::string_view count = rest.substr(0, rest.find('/'));
  const auto errors = count == kNever ? 0 : read_number(count, 0, kMostErrors);
  if (!errors) return fault(fmt::format("\"{}\" is no number of errors (0 to {})", count, kMostErrors), text);
  rule.errors = *errors;
  while (rest.find('/') != std::string_view::npos) {
    rest.remove_prefix(rest.find('/') + 1);
    if (auto read = read_option(rest.substr(0, rest.find('/')), rule, text); !read) return std::move(read).error();
  }
  return rule;
}

std::string rule_text(const StopRule& rule) {
  std::string text(to_string(rule.cause));
  if (!rule.receiver.empty()) text += "@" + rule.receiver;
  text += "=" + (rule.errors == 0 ? std::string(kNever) : std::to_string(rule.errors));
  if (rule.days != 0) text += fmt::format("/{}d", rule.days);
  if (!rule.reset_on_open) text += "/" + std::string(kKeep);
  return text;
}

StopRule StopRules::of(Reason reason, const Receiver& receiver) const {
  StopRule best{.cause = reason};
  if (!may_count(reason)) return best;
  const auto kind = kind_of(reason);
  if (kind) {
    best.cause = *kind;
    best.errors = *kind == ErrorKind::hard ? defaults.hard : defaults.mailbox;
  }
  int points = -1;
  for (const StopRule& rule : rules) {
    const int fits = fit(rule, reason, kind, receiver);
    if (fits <= points) continue;
    points = fits;
    best = rule;
  }
  return best;
}

void set_rule(std::vector<StopRule>& rules, StopRule rule) {
  remove_rule(rules, {rule.cause, rule.receiver});
  rules.push_back(std::move(rule));
}

bool remove_rule(std::vector<StopRule>& rules, const RuleTarget& target) {
  return std::erase_if(rules, [&](const StopRule& rule) { return target.is_of(rule); }) > 0;
}

}  // namespace todoku::audience
