#include "mail/domain.h"

#include <idn2.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/owned.h"
#include "mail/address.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxDomain = 253;

using Problem = std::optional<DomainProblem>;

using IdnText = base::Owned<char, idn2_free>;

constexpr bool is_ldh(char c) { return base::ascii_alpha(c) || base::ascii_digit(c) || c == '-'; }

Problem bad_character(char c) {
  if (c == ' ') return DomainProblem{"a blank stands in the domain", "delete it"};
  if (c == ',') return DomainProblem{"a comma stands in the domain", "write a dot, or one address a field"};
  if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
    return DomainProblem{"a control character stands in the domain", "delete it"};
  }
  return DomainProblem{std::string("the character ") + c + " is not allowed in a domain", "check the spelling"};
}

Problem check_label(std::string_view label) {
  if (label.empty()) return DomainProblem{"two dots in a row, or one at an end of the domain", "delete one"};
  if (label.size() > kMaxLabel) return DomainProblem{"a part of the domain is longer than 63 letters", "shorten it"};
  if (label.front() == '-' || label.back() == '-') {
    return DomainProblem{"a part of the domain begins or ends with a hyphen", "check the spelling"};
  }
  return std::nullopt;
}

/// Labels of letters, digits and hyphens; at least two; the last no number.
Problem check_ascii(std::string_view domain, std::size_t& bad) {
  if (domain.empty()) return DomainProblem{"nothing stands after the @", "write it as name@example.jp"};
  if (domain.front() == '[') {
    return DomainProblem{"an IP address instead of a domain", "give the mailbox's domain name"};
  }
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= domain.size(); ++i) {
    if (i < domain.size() && domain[i] != '.') {
      bad = i;
      if (!is_ldh(domain[i])) return bad_character(domain[i]);
      continue;
    }
    bad = begin;
    if (auto problem = check_label(domain.substr(begin, i - begin))) return problem;
    if (i < domain.size()) begin = i + 1;
  }
  bad = begin;
  if (begin == 0) return DomainProblem{"the domain has no dot", "give it whole, like example.jp"};
  if (std::ranges::all_of(domain.substr(begin), base::ascii_digit)) {
    return DomainProblem{"the domain ends in a number", "give the mailbox's domain name"};
  }
  bad = 0;
  if (domain.size() > kMaxDomain) return DomainProblem{"the domain is longer than 253 letters", "shorten it"};
  return std::nullopt;
}

bool has_a_label(std::string_view domain) { return domain.starts_with("xn--") || domain.find(".xn--") != domain.npos; }

/// UTS 46 non-transitional: maps letter case, full-width letters and 。 first, as browsers do.
Problem by_idn(const std::string& domain, std::string& ascii) {
  char* raw = nullptr;
  const int rc = idn2_to_ascii_8z(domain.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const IdnText owned(raw);
  if (rc != IDN2_OK || !owned) {
    return DomainProblem{std::string("no such internationalised domain can exist: ") + idn2_strerror(rc),
                         "check the spelling"};
  }
  ascii = base::ascii_lower(owned.get());
  return std::nullopt;
}

}  // namespace

std::optional<DomainProblem> to_ascii_domain(std::string_view typed, std::string& ascii, std::size_t& bad) {
  if (is_ascii(typed)) {
    if (auto problem = check_ascii(typed, bad)) return problem;
    ascii = base::ascii_lower(typed);
    if (!has_a_label(ascii)) return std::nullopt;
    std::string checked;
    return by_idn(ascii, checked);
  }
  bad = std::min(typed.find('\0'), typed.size());
  if (bad != typed.size()) return bad_character('\0');
  bad = 0;
  if (typed.size() > 4 * kMaxDomain) return DomainProblem{"the domain is longer than 253 letters", "shorten it"};
  if (auto problem = by_idn(std::string(typed), ascii)) return problem;
  auto problem = check_ascii(ascii, bad);
  bad = 0;  // what is wrong came out of the mapping: no place in what was typed
  return problem;
}

bool allows_stray_dots(std::string_view ascii_domain) {
  constexpr std::array<std::string_view, 9> kCarriers = {"au.com",         "docomo.ne.jp", "ezweb.ne.jp",
                                                         "disney.ne.jp",   "emnet.ne.jp",  "pdx.ne.jp",
                                                         "softbank.ne.jp", "uqmobile.jp",  "vodafone.ne.jp"};
  return std::ranges::any_of(kCarriers, [&](std::string_view carrier) {
    if (!ascii_domain.ends_with(carrier)) return false;
    return ascii_domain.size() == carrier.size() || ascii_domain[ascii_domain.size() - carrier.size() - 1] == '.';
  });
}

base::Result<std::string> ascii_domain(std::string_view domain) {
  if (const std::size_t good = utf8_valid_prefix(domain); good != domain.size()) {
    return base::Error{base::ErrorCode::invalid, "these bytes are not UTF-8", "check the charset of the file",
                       "character " + std::to_string(utf8_count(domain.substr(0, good)) + 1)};
  }
  std::string ascii;
  std::size_t bad = 0;
  if (auto problem = to_ascii_domain(domain, ascii, bad)) {
    return base::Error{base::ErrorCode::invalid, std::move(problem->message), std::move(problem->hint),
                       "character " + std::to_string(utf8_count(domain.substr(0, bad)) + 1)};
  }
  return ascii;
}

std::string unicode_domain(std::string_view ascii_domain) {
  std::string copy(ascii_domain);
  if (!has_a_label(copy) || copy.find('\0') != copy.npos) return copy;
  char* raw = nullptr;
  const int rc = idn2_to_unicode_8z8z(copy.c_str(), &raw, 0);
  const IdnText owned(raw);
  return rc == IDN2_OK && owned ? std::string(owned.get()) : copy;
}

}  // namespace todoku::mail
