#include "authentication/dmarc_report_builder.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "mail/domain.h"
#include "mail/organisational_domain.h"

namespace todoku::authentication {
namespace {

constexpr std::size_t kMostText = 1000;
constexpr std::size_t kMostResults = 20;            // of one row and kind
constexpr std::int64_t kMostMails = 1'000'000'000;  // in one row; more is a fault or a lie

std::string domain_of(std::string_view text) {
  std::string ascii;
  std::size_t bad = 0;
  while (text.ends_with('.')) text.remove_suffix(1);
  if (mail::to_ascii_domain(text, ascii, bad)) return base::ascii_lower(text.substr(0, 253));
  return ascii;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return number;
}

/// Seconds since 1970; some write milliseconds.
base::Time time_of(std::string_view text) {
  constexpr std::int64_t kFarAway = 100'000'000'000;
  const std::int64_t number = number_of(text).value_or(0);
  if (number <= 0 || number > kFarAway * 1000) return {};
  return base::from_stored(number > kFarAway ? number : number * 1000);
}

/// An address in its one usual form; empty where it is none.
std::string address_of(std::string_view text) {
  const std::string typed(text.substr(0, INET6_ADDRSTRLEN));
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> written{};
  int family = AF_INET;
  const unsigned char* from = bytes.data();
  if (::inet_pton(AF_INET, typed.c_str(), bytes.data()) != 1) {
    if (::inet_pton(AF_INET6, typed.c_str(), bytes.data()) != 1) return {};
    constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const bool mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
    family = mapped ? AF_INET : AF_INET6;
    if (mapped) from += kMapped.size();
  }
  return ::inet_ntop(family, from, written.data(), written.size()) == nullptr ? "" : written.data();
}

bool aligned(std::string_view domain, std::string_view from, std::string_view mode) {
  if (mode == "s") return domain == from;
  return mail::organisational_domain(domain) == mail::organisational_domain(from);
}

bool any_aligned(const std::vector<DmarcAuthResult>& results, std::string_view from, std::string_view mode) {
  return std::ranges::any_of(
      results, [&](const auto& each) { return each.result == "pass" && aligned(each.domain, from, mode); });
}

void add_result(std::vector<DmarcAuthResult>& results) {
  if (results.size() < kMostResults) results.emplace_back();
}

}  // namespace

void DmarcReportBuilder::open(std::string_view name) {
  path_.push_back(base::ascii_lower(name));
  text_.clear();
  const std::string& element = path_.back();
  if (element == "feedback") begun_ = true;
  if (element == "record") {
    row_ = {};
    row_.mails = 1;  // where the count is missing
    has_dkim_ = has_spf_ = false;
  }
  if (parent() != "auth_results") return;
  if (element == "dkim") add_result(row_.dkim);
  if (element == "spf") add_result(row_.spf);
}

void DmarcReportBuilder::text(std::string_view text) {
  text_.append(text.substr(0, kMostText - std::min(text_.size(), kMostText)));
}

void DmarcReportBuilder::close() {
  if (path_.empty()) return;
  const std::string element = path_.back();
  set(element, base::trim(text_));
  text_.clear();
  path_.pop_back();
  if (element == "record") end_row();
  if (element == "feedback" && begun_) ended_ = true;
}

std::string_view DmarcReportBuilder::parent() const {
  return path_.size() < 2 ? std::string_view() : std::string_view(path_[path_.size() - 2]);
}

void DmarcReportBuilder::set(std::string_view name, std::string_view value) {
  const std::string_view above = parent();
  if (value.empty() || above.empty()) return;
  if (above == "report_metadata" || above == "date_range") return set_metadata(name, value);
  if (above == "policy_published") return set_policy(name, value);
  const bool in_result = path_.size() > 2 && path_[path_.size() - 3] == "auth_results";
  if (in_result) {
    set_result(name, value);
  } else {
    set_row(name, value);
  }
}

void DmarcReportBuilder::set_metadata(std::string_view name, std::string_view value) {
  if (name == "org_name") report_.organisation = value;
  if (name == "email") report_.email = value;
  if (name == "report_id") report_.id = value;
  if (name == "begin") report_.begin = time_of(value);
  if (name == "end") report_.end = time_of(value);
}

void DmarcReportBuilder::set_policy(std::string_view name, std::string_view value) {
  DmarcPolicy& policy = report_.policy;
  const std::string word = base::ascii_lower(value.substr(0, 20));
  if (name == "domain") policy.domain = domain_of(value);
  if (name == "p") policy.policy = word;
  if (name == "sp") policy.sub_policy = word;
  if (name == "np") policy.np_policy = word;
  if (name == "adkim") policy.adkim = word.substr(0, 1);
  if (name == "aspf") policy.aspf = word.substr(0, 1);
  if (name == "pct")
    policy.percent = static_cast<int>(std::clamp<std::int64_t>(number_of(value).value_or(100), 0, 100));
}

void DmarcReportBuilder::set_row(std::string_view name, std::string_view value) {
  const std::string_view above = parent();
  const std::string word = base::ascii_lower(value.substr(0, 40));
  if (above == "row") {
    if (name == "source_ip") row_.source = address_of(value);
    if (name == "count") row_.mails = number_of(value).value_or(-1);
  } else if (above == "policy_evaluated") {
    if (name == "disposition") row_.disposition = word == "pass" ? "none" : word;
    if (name == "dkim") {
      row_.dkim_aligned = word == "pass";
      has_dkim_ = true;
    }
    if (name == "spf") {
      row_.spf_aligned = word == "pass";
      has_spf_ = true;
    }
  } else if (above == "reason") {
    if (name == "type" && row_.overrides.size() < kMostResults) row_.overrides.push_back(word);
  } else if (above == "identifiers" || above == "identities") {
    if (name == "header_from") row_.header_from = domain_of(value);
    if (name == "envelope_from") row_.envelope_from = domain_of(value);
    if (name == "envelope_to") row_.envelope_to = domain_of(value);
  }
}

void DmarcReportBuilder::set_result(std::string_view name, std::string_view value) {
  std::vector<DmarcAuthResult>& results = parent() == "spf" ? row_.spf : row_.dkim;
  if ((parent() != "spf" && parent() != "dkim") || results.empty()) return;
  DmarcAuthResult& result = results.back();
  if (name == "domain") result.domain = domain_of(value);
  if (name == "selector") result.selector = base::ascii_lower(value.substr(0, 253));
  if (name == "result") result.result = base::ascii_lower(value.substr(0, 20));
}

void DmarcReportBuilder::end_row() {
  if (row_.mails == 0) return;
  if (row_.source.empty() || row_.mails < 0 || row_.mails > kMostMails) {
    ++report_.unread_rows;
    return;
  }
  if (report_.rows.size() >= kMostDmarcRows) {
    full_ = true;
    return;
  }
  if (row_.header_from.empty()) row_.header_from = report_.policy.domain;
  if (!has_dkim_) row_.dkim_aligned = any_aligned(row_.dkim, row_.header_from, report_.policy.adkim);
  if (!has_spf_) row_.spf_aligned = any_aligned(row_.spf, row_.header_from, report_.policy.aspf);
  report_.rows.push_back(std::exchange(row_, {}));
}

DmarcReport DmarcReportBuilder::take() {
  DmarcReport report = std::exchange(report_, {});
  if (report.policy.domain.empty() && !report.rows.empty()) report.policy.domain = report.rows.front().header_from;
  return report;
}

}  // namespace todoku::authentication
