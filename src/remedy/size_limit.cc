#include "remedy/size_limit.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/ascii.h"
#include "intake/returned.h"
#include "provider/providers.h"
#include "queue/repeat.h"
#include "remedy/remedy_queries.h"

namespace todoku::remedy {
namespace {

constexpr std::int64_t kLeast = 10'000;
constexpr std::int64_t kMost = std::int64_t{4} << 30;
constexpr std::size_t kBefore = 32;  // bytes before a bare number in which a word for a limit must stand

constexpr auto kWords =
    std::to_array<std::string_view>({"limit", "max", "size", "exceed", "larger", "bigger", "at most", "than", "up to",
                                     "allow", "上限", "最大", "以下", "サイズ", "超え"});

struct Unit {
  std::string_view word;
  std::int64_t bytes;
};
// The longest first.
constexpr auto kUnits = std::to_array<Unit>({{"kilobytes", 1024},
                                             {"megabytes", 1 << 20},
                                             {"gigabytes", 1 << 30},
                                             {"mbytes", 1 << 20},
                                             {"kbytes", 1024},
                                             {"bytes", 1},
                                             {"octets", 1},
                                             {"byte", 1},
                                             {"kib", 1024},
                                             {"mib", 1 << 20},
                                             {"gib", 1 << 30},
                                             {"kb", 1000},
                                             {"mb", 1'000'000},
                                             {"gb", 1'000'000'000},
                                             {"k", 1000},
                                             {"m", 1'000'000},
                                             {"バイト", 1}});

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// A number as it stands in a text, with what comes before and behind it.
class Number {
 public:
  /// The next one at or after `at`, which moves behind it; false: there is none.
  bool next(std::string_view text, std::size_t& at) {
    while (at < text.size() && !is_digit(text[at])) ++at;
    if (at == text.size()) return false;
    begin_ = at;
    digits_.clear();
    while (at < text.size() && (is_digit(text[at]) || is_group(text, at))) {
      if (is_digit(text[at])) digits_ += text[at];
      ++at;
    }
    fraction_ = 0;
    if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) take_fraction(text, at);
    text_ = text;
    end_ = at;
    return true;
  }

  /// As a limit in bytes; nothing where it is none.
  [[nodiscard]] std::optional<std::int64_t> bytes() const {
    if (digits_.empty() || digits_.size() > 12 || is_joined()) return std::nullopt;
    const std::int64_t value = std::stoll(digits_);
    std::int64_t bytes = 0;
    if (const Unit* const unit = this->unit()) {
      if (value > kMost / unit->bytes) return std::nullopt;
      bytes = value * unit->bytes + fraction_ * unit->bytes / 10;
    } else if (fraction_ == 0 && !goes_on() && has_word()) {
      bytes = value;
    }
    if (bytes < kLeast || bytes > kMost) return std::nullopt;
    return bytes;
  }

 private:
  /// "10,485,760"
  static bool is_group(std::string_view text, std::size_t at) {
    return text[at] == ',' && at + 3 < text.size() && is_digit(text[at + 1]) && is_digit(text[at + 2]) &&
           is_digit(text[at + 3]) && (at + 4 == text.size() || !is_digit(text[at + 4]));
  }
  void take_fraction(std::string_view text, std::size_t& at) {
    fraction_ = text[at + 1] - '0';
    for (++at; at < text.size() && is_digit(text[at]);) ++at;
    if (at < text.size() && text[at] == '.') digits_.clear();  // a version, a status, an address
  }
  /// Part of a name, an address or a status.
  [[nodiscard]] bool is_joined() const {
    if (begin_ == 0) return false;
    const char before = text_[begin_ - 1];
    return is_letter(before) || before == '.' || before == '-' || before == '#';
  }
  /// Likewise, to the right: "20241231-99", "12:30".
  [[nodiscard]] bool goes_on() const {
    if (end_ == text_.size()) return false;
    const char after = text_[end_];
    return is_letter(after) || after == '-' || (after == ':' && end_ + 1 < text_.size() && is_digit(text_[end_ + 1]));
  }
  [[nodiscard]] const Unit* unit() const {
    std::string_view rest = text_.substr(end_);
    if (rest.starts_with(' ') || rest.starts_with('-')) rest.remove_prefix(1);
    const std::string lower = base::ascii_lower(rest.substr(0, 12));
    for (const Unit& unit : kUnits) {
      if (!lower.starts_with(unit.word)) continue;
      if (lower.size() > unit.word.size() && is_letter(lower[unit.word.size()])) continue;
      return &unit;
    }
    return nullptr;
  }
  [[nodiscard]] bool has_word() const {
    const std::size_t from = begin_ > kBefore ? begin_ - kBefore : 0;
    const std::string before = base::ascii_lower(text_.substr(from, begin_ - from));
    return std::ranges::any_of(kWords, [&](std::string_view word) { return before.find(word) != before.npos; });
  }

  std::string_view text_;
  std::size_t begin_ = 0, end_ = 0;
  std::string digits_;
  std::int64_t fraction_ = 0;  // tenths
};

using ByContact = std::map<base::ContactId, std::int64_t>;

void learn(ByContact& limits, base::ContactId contact, std::string_view text) {
  const auto limit = size_limit_in(text);
  if (!limit) return;
  const auto [at, added] = limits.try_emplace(contact, *limit);
  if (!added) at->second = std::min(at->second, *limit);
}

void learn_from(store::Connection& db, base::CampaignId campaign, std::string_view reason, ByContact& limits) {
  for (const queue::FailureText& said : queue::failure_texts(db, campaign, reason)) {
    learn(limits, said.contact, said.text);
  }
}

std::vector<base::CampaignId> with_variants(store::Connection& db, base::CampaignId campaign) {
  std::vector<base::CampaignId> all{campaign};
  auto rows = db.query(kViaOf, {campaign});
  while (rows.next()) all.push_back({rows.integer(0)});
  return all;
}

std::optional<std::int64_t> known_limit(std::string_view domain) {
  const provider::Provider* const provider = provider::Providers::built_in().of_domain(domain);
  if (provider == nullptr || provider->limits.message_bytes == 0) return std::nullopt;
  return provider->limits.message_bytes;
}

}  // namespace

std::optional<std::int64_t> size_limit_in(std::string_view text) {
  std::optional<std::int64_t> least;
  Number number;
  for (std::size_t at = 0; number.next(text, at);) {
    const auto bytes = number.bytes();
    if (bytes && (!least || *bytes < *least)) least = bytes;
  }
  return least;
}

std::map<base::ContactId, std::int64_t> size_limits(store::Connection& db, base::CampaignId campaign,
                                                    const std::vector<bounce::Reason>& reasons,
                                                    const std::vector<Recipient>& recipients) {
  ByContact said;
  for (const base::CampaignId one : with_variants(db, campaign)) {
    for (const bounce::Reason reason : reasons) learn_from(db, one, bounce::to_string(reason), said);
    for (const intake::Returned& returned : intake::returned_of(db, one)) {
      const auto reason = bounce::reason_of(returned.reason);
      if (reason && std::ranges::find(reasons, *reason) != reasons.end()) {
        learn(said, returned.contact, returned.diagnostic);
      }
    }
  }
  std::map<std::string, std::int64_t, std::less<>> by_domain;
  for (const Recipient& recipient : recipients) {
    const auto own = said.find(recipient.contact);
    if (own == said.end()) continue;
    const auto [at, added] = by_domain.try_emplace(recipient.domain, own->second);
    if (!added) at->second = std::min(at->second, own->second);
  }
  ByContact limits;
  for (const Recipient& recipient : recipients) {
    const auto own = said.find(recipient.contact);
    const auto near = by_domain.find(recipient.domain);
    const auto known = known_limit(recipient.domain);
    if (own != said.end()) {
      limits[recipient.contact] = own->second;
    } else if (near != by_domain.end()) {
      limits[recipient.contact] = near->second;
    } else if (known) {
      limits[recipient.contact] = *known;
    }
  }
  return limits;
}

}  // namespace todoku::remedy
