// Slips in the domain of an address: gmial.com, docomo.co.jp, yahoo.con.
//
// A suggestion is only worth making where it is nearly always right, so: a domain that is a provider itself is never
// questioned; a domain whose last label exists may differ by one slip of a finger, one under a label that does not
// (.con) by two; the same name under another real suffix (yahoo.be) is a domain of its own; a short name's first letter
// must be right (fifty.com is not nifty.com).
#include <libpsl.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/ascii.h"
#include "mail/address.h"

namespace todoku::mail {
namespace {

using Name = std::string_view;

/// What people mean.
constexpr auto kProviders = std::to_array<Name>(
    {"gmail.com",      "googlemail.com", "yahoo.co.jp",     "yahoo.com",     "ymail.ne.jp",  "hotmail.com",
     "hotmail.co.jp",  "outlook.com",    "outlook.jp",      "icloud.com",    "docomo.ne.jp", "ezweb.ne.jp",
     "softbank.ne.jp", "i.softbank.jp",  "ymobile.ne.jp",   "biglobe.ne.jp", "nifty.com",    "so-net.ne.jp",
     "plala.or.jp",    "dion.ne.jp",     "hotmail.co.uk",   "yahoo.co.uk",   "hotmail.fr",   "yahoo.fr",
     "yahoo.de",       "protonmail.com", "comcast.net",     "verizon.net",   "uqmobile.jp",  "jcom.home.ne.jp",
     "excite.co.jp",   "livedoor.com",   "windowslive.com", "infoweb.ne.jp"});

/// Domains of their own that look like a slip.
constexpr auto kReal = std::to_array<Name>({"ymail.com", "rocketmail.com", "mail.com", "email.com", "gmx.com",
                                            "gmx.net", "gmx.de", "mail.ru", "me.com", "mac.com", "msn.com", "aol.com",
                                            "aol.jp", "live.com", "live.jp", "au.com", "proton.me"});

struct Slip {
  Name wrong;
  Name right;
};
/// Wrong endings, which are further away than a slip of a finger.
constexpr auto kSlips = std::to_array<Slip>({{"docomo.co.jp", "docomo.ne.jp"},
                                             {"docomo.jp", "docomo.ne.jp"},
                                             {"docomo.com", "docomo.ne.jp"},
                                             {"docomo.or.jp", "docomo.ne.jp"},
                                             {"docomo.ne", "docomo.ne.jp"},
                                             {"dokomo.ne.jp", "docomo.ne.jp"},
                                             {"ezweb.co.jp", "ezweb.ne.jp"},
                                             {"ezweb.jp", "ezweb.ne.jp"},
                                             {"ezweb.com", "ezweb.ne.jp"},
                                             {"ezweb.or.jp", "ezweb.ne.jp"},
                                             {"ezweb.ne", "ezweb.ne.jp"},
                                             {"softbank.ne", "softbank.ne.jp"},
                                             {"softbank.com", "softbank.ne.jp"},
                                             {"i.softbank.ne.jp", "i.softbank.jp"},
                                             {"i.softbank.co.jp", "i.softbank.jp"},
                                             {"gmail.co.jp", "gmail.com"},
                                             {"gmail.ne.jp", "gmail.com"},
                                             {"gmail.jp", "gmail.com"},
                                             {"gmail.co", "gmail.com"},
                                             {"gmail.cm", "gmail.com"},
                                             {"gmail.om", "gmail.com"},
                                             {"gmail", "gmail.com"},
                                             {"g.mail.com", "gmail.com"},
                                             {"googlemail.co.jp", "gmail.com"},
                                             {"icloud.co.jp", "icloud.com"},
                                             {"icloud.ne.jp", "icloud.com"},
                                             {"i.cloud.com", "icloud.com"},
                                             {"yahoo.or.jp", "yahoo.co.jp"},
                                             {"yahoo.jp", "yahoo.co.jp"},
                                             {"yahoo.co", "yahoo.co.jp"},
                                             {"yahoo.com.jp", "yahoo.co.jp"},
                                             {"outlook.co.jp", "outlook.jp"},
                                             {"outlook.ne.jp", "outlook.jp"},
                                             {"hotmail.ne.jp", "hotmail.co.jp"}});

/// One bit a letter: names whose masks differ in more than two bits a slip cannot be near, and most are so found out.
constexpr std::uint64_t letters(Name name) {
  std::uint64_t mask = 0;
  for (const char c : name) mask |= std::uint64_t{1} << (static_cast<unsigned char>(c) & 0x3F);
  return mask;
}
constexpr auto kMasks = [] {
  std::array<std::uint64_t, kProviders.size()> masks{};
  std::ranges::transform(kProviders, masks.begin(), letters);
  return masks;
}();

constexpr std::size_t kLongest = 24;

/// Insertions, deletions, substitutions and swaps of neighbours between two names of at most kLongest letters.
int slips_between(Name a, Name b) {
  using Row = std::array<int, kLongest + 1>;
  Row before{};
  Row above{};
  Row row{};
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = above;
    above = row;
  }
  return above[b.size()];
}

bool public_suffix(Name name) {
  const std::string copy(name);
  return psl_is_public_suffix2(psl_builtin(), copy.c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}

/// One slip apart or, where no such top-level domain exists, two: is `provider` likely meant?
bool plausible(Name domain, Name provider, int slips) {
  if (slips > 1 && public_suffix(domain.substr(domain.rfind('.') + 1))) return false;
  const Name first = domain.substr(0, domain.find('.'));
  const Name meant = provider.substr(0, provider.find('.'));
  if (first == meant) return !public_suffix(domain.substr(std::min(first.size() + 1, domain.size())));
  return meant.size() >= 7 || first.substr(0, 1) == meant.substr(0, 1) ||
         (first.size() > 1 && first[0] == meant[1] && first[1] == meant[0]);
}

template <class List>
constexpr bool holds(const List& list, Name name) {
  return std::ranges::find(list, name) != list.end();
}

}  // namespace

std::optional<std::string_view> near_domain(std::string_view ascii_domain) {
  if (ascii_domain.size() > kLongest || holds(kProviders, ascii_domain) || holds(kReal, ascii_domain)) return {};
  const auto* const slip = std::ranges::find(kSlips, ascii_domain, &Slip::wrong);
  if (slip != kSlips.end()) return slip->right;
  const std::uint64_t mask = letters(ascii_domain);
  std::optional<std::string_view> best;
  int least = 3;
  for (std::size_t i = 0; i < kProviders.size() && least > 1; ++i) {
    const Name provider = kProviders[i];
    if (std::popcount(mask ^ kMasks[i]) > 4) continue;
    const auto longer = std::max(provider.size(), ascii_domain.size());
    if (longer - std::min(provider.size(), ascii_domain.size()) > 2) continue;
    const int slips = slips_between(ascii_domain, provider);
    if (slips >= least || !plausible(ascii_domain, provider, slips)) continue;
    least = slips;
    best = provider;
  }
  return best;
}

}  // namespace todoku::mail
