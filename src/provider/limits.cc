#include "provider/limits.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/duration.h"

namespace todoku::provider {
namespace {

using base::Duration;
using base::Error;
using base::ErrorCode;

constexpr LimitKey kKeys[] = {
    {"connections", &Limits::connections, 1, "Open connections at once."},
    {"mails_per_connection", &Limits::mails_per_connection, 1, "Mails over one connection."},
    {"mails_per_second", &Limits::mails_per_second, 0,
     "Mails in any second; a fraction such as 0.5 is one in two seconds. 0: no such limit."},
    {"mails_per_minute", &Limits::mails_per_minute, 0, "Mails in any minute. 0: no such limit."},
    {"mails_per_hour", &Limits::mails_per_hour, 0, "Mails in any hour. 0: no such limit."},
    {"mails_per_day", &Limits::mails_per_day, 0, "Mails in any 24 hours. 0: no such limit."},
    {"start_per_second", &Limits::start_per_second, 0,
     "Where slow start begins, in mails a second. 0: as fast as it goes, until the first reply that asks to slow "
     "down."},
    {"connect", &Limits::connect, 0, "Longest wait for a connection. 0: `smtp.timeout_connect`."},
    {"idle", &Limits::idle, 0, "How long an open connection may wait for the next mail that may be sent."},
    {"retry_first", &Limits::retry_first, 0,
     "Wait before the second attempt; doubled for each one after. 0: `delivery.retry_first`."},
    {"blocked", &Limits::blocked, 1000,
     "Rest after the receiver has blocked us, before one mail is tried; doubled for each try that fails."},
    {"recipients_per_mail", &Limits::recipients_per_mail, 1, "Recipients of one mail."},
    {"message_bytes", &Limits::message_bytes, 0, "Largest mail. 0: not known."},
    {"tls_required", &Limits::tls_required, 0, "Mail without TLS is refused."},
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> flag_of(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

/// Sets one setting of one type; false where the text does not fit.
struct Setter {
  Limits& limits;
  std::string_view text;
  double least;

  bool operator()(bool Limits::* member) const {
    const auto value = flag_of(text);
    if (value) limits.*member = *value;
    return value.has_value();
  }
  bool operator()(Duration Limits::* member) const {
    const auto value = base::parse_duration(text);
    if (!value || static_cast<double>(value->count()) < least) return false;
    limits.*member = *value;
    return true;
  }
  template <class Number>
  bool operator()(Number Limits::* member) const {
    const auto value = number_of<Number>(text);
    if (!value || !std::isfinite(static_cast<double>(*value)) || static_cast<double>(*value) < least) return false;
    limits.*member = *value;
    return true;
  }
};

std::string_view kind_of(const LimitKey::Member& member) {
  constexpr std::string_view kKinds[] = {"a whole number", "a whole number", "a number", "true or false",
                                         "a time such as 30s, 5m or 2h"};
  return kKinds[member.index()];
}

std::size_t likeness(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

Error unknown(std::string_view name) {
  const auto nearest =
      std::ranges::max_element(kKeys, {}, [name](const LimitKey& k) { return likeness(k.name, name); });
  return {ErrorCode::invalid, "there is no limit '" + std::string(name) + "'",
          "did you mean '" + std::string(nearest->name) + "'? docs/sending.md lists all", ""};
}

struct Writer {
  const Limits& limits;
  std::string operator()(bool Limits::* member) const { return limits.*member ? "true" : "false"; }
  std::string operator()(Duration Limits::* member) const { return base::to_text(limits.*member); }
  template <class Number>
  std::string operator()(Number Limits::* member) const {
    char text[32];
    const auto end = std::to_chars(std::begin(text), std::end(text), limits.*member).ptr;
    return {std::begin(text), end};
  }
};

}  // namespace

std::span<const LimitKey> limit_keys() { return kKeys; }

const LimitKey* find_limit(std::string_view name) {
  const auto* found = std::ranges::find(kKeys, name, &LimitKey::name);
  return found == std::end(kKeys) ? nullptr : found;
}

base::Result<void> set_limit(Limits& limits, std::string_view name, std::string_view text) {
  const LimitKey* key = find_limit(name);
  if (key == nullptr) return unknown(name);
  if (std::visit(Setter{limits, text, key->least}, key->member)) return base::done;
  return Error{ErrorCode::invalid, "'" + std::string(name) + "' cannot be '" + std::string(text) + "'",
               "it takes " + std::string(kind_of(key->member)), ""};
}

std::string limit_text(const Limits& limits, const LimitKey& key) { return std::visit(Writer{limits}, key.member); }

}  // namespace todoku::provider
