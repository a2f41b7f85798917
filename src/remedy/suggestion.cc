#include "remedy/suggestion.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/ascii.h"
#include "mail/address.h"
#include "mail/organisational_domain.h"
#include "provider/providers.h"

namespace todoku::remedy {
namespace {

constexpr int kFar = 100;
constexpr int kSlip = 10;
constexpr int kNear = 10;     // one slip, where the ending exists
constexpr int kFarther = 20;  // two, where it does not
constexpr std::size_t kLongest = 64;
constexpr std::size_t kShown = 3;
constexpr std::int64_t kTrusted = 3;  // mails taken at a domain before it is believed to be what others meant

constexpr auto kRows = std::to_array<std::string_view>({"1234567890-", "qwertyuiop", "asdfghjkl", "zxcvbnm.."});

struct Key {
  int row;
  int column;
};
std::optional<Key> key_of(char letter) {
  for (std::size_t row = 0; row < kRows.size(); ++row) {
    const std::size_t column = kRows[row].find(letter);
    if (column != std::string_view::npos) return Key{static_cast<int>(row), static_cast<int>(column)};
  }
  return std::nullopt;
}

bool neighbours(char a, char b) {
  const auto first = key_of(a);
  const auto second = key_of(b);
  return first && second && std::abs(first->row - second->row) <= 1 && std::abs(first->column - second->column) <= 1;
}

int change(char typed, char meant) {
  constexpr int kNeighbour = 8;
  if (typed == meant) return 0;
  return neighbours(typed, meant) ? kNeighbour : kSlip;
}

/// Of leaving out `letter` of either name after `before`.
int gap(char letter, char before) {
  constexpr int kDoubled = 6;
  constexpr int kDot = 5;
  if (letter == '.') return kDot;
  return letter == before ? kDoubled : kSlip;
}

/// Domains whose names differ in the ending alone: yahoo.co.jo and yahoo.co.jp.
bool same_name(std::string_view a, std::string_view b) { return a.substr(0, a.find('.')) == b.substr(0, b.find('.')); }

/// The same name below another ending that exists is somebody else's domain (yahoo.be), and a short name's first letter
/// is rarely wrong (fifty.com is not nifty.com).
bool plausible(std::string_view typed, std::string_view meant, int slips) {
  constexpr std::size_t kShort = 7;
  constexpr int kWrongEnding = kSlip;
  if (slips > (mail::top_level_exists(typed) ? kNear : kFarther)) return false;
  if (same_name(typed, meant))
    return !mail::top_level_exists(typed) || slips < kWrongEnding || typed.size() > meant.size();
  const std::string_view name = meant.substr(0, meant.find('.'));
  if (name.size() < 3) return false;
  const bool swapped = typed.size() > 1 && typed[0] == meant[1] && typed[1] == meant[0];
  return name.size() >= kShort || typed[0] == meant[0] || swapped;
}

constexpr std::string_view kTaken =
    "select site, sent, errors from site_history where sent - errors >= ?1 and errors * 2 < sent order by site";

}  // namespace

int slips_between(std::string_view typed, std::string_view meant) {
  if (typed.size() > kLongest || meant.size() > kLongest) return kFar;
  using Row = std::array<int, kLongest + 1>;
  Row before{}, above{}, row{};
  for (std::size_t j = 1; j <= meant.size(); ++j)
    above[j] = above[j - 1] + gap(meant[j - 1], j > 1 ? meant[j - 2] : '\0');
  for (std::size_t i = 1; i <= typed.size(); ++i) {
    const char letter = typed[i - 1];
    row[0] = above[0] + gap(letter, i > 1 ? typed[i - 2] : '\0');
    for (std::size_t j = 1; j <= meant.size(); ++j) {
      row[j] = std::min({above[j] + gap(letter, i > 1 ? typed[i - 2] : '\0'),
                         row[j - 1] + gap(meant[j - 1], j > 1 ? meant[j - 2] : '\0'),
                         above[j - 1] + change(letter, meant[j - 1])});
      constexpr int kSwap = 8;
      if (i > 1 && j > 1 && letter == meant[j - 2] && typed[i - 2] == meant[j - 1])
        row[j] = std::min(row[j], before[j - 2] + kSwap);
    }
    before = above;
    above = row;
  }
  return std::min(above[meant.size()], kFar);
}

std::vector<std::string> near_domains(std::string_view typed, std::span<const KnownDomain> known) {
  struct Found {
    int slips;
    std::int64_t delivered;
    std::string name;
  };
  std::vector<Found> found;
  for (const KnownDomain& domain : known) {
    if (domain.name == typed) return {};
    const int slips = slips_between(typed, domain.name);
    if (plausible(typed, domain.name, slips)) found.push_back({slips, domain.delivered, domain.name});
  }
  std::ranges::sort(found, [](const Found& a, const Found& b) {
    return std::tuple(a.slips, -a.delivered, a.name) < std::tuple(b.slips, -b.delivered, b.name);
  });
  std::vector<std::string> names;
  // Wrong endings that are no slip of a finger (docomo.co.jp) stand in a table.
  if (const auto usual = mail::near_domain(typed)) names.emplace_back(*usual);
  for (const Found& one : found) {
    if (names.size() < kShown && std::ranges::find(names, one.name) == names.end()) names.push_back(one.name);
  }
  return names;
}

std::vector<KnownDomain> known_domains(store::Connection& db) {
  std::vector<KnownDomain> known;
  std::set<std::string, std::less<>> names;
  store::Rows rows = db.query(kTaken, {kTrusted});
  while (rows.next()) {
    known.push_back({std::string(rows.text(0)), rows.integer(1) - rows.integer(2)});
    names.emplace(rows.text(0));
  }
  for (const auto& provider : provider::Providers::built_in().all()) {
    for (const std::string& domain : provider.domains) {
      if (names.insert(domain).second) known.push_back({domain, 0});
    }
  }
  return known;
}

base::Result<std::vector<std::string>> suggest_addresses(store::Connection& db, std::string_view address) {
  const std::string_view text = base::trim(address);
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == text.size()) {
    return base::Error{base::ErrorCode::invalid, "an address has a name, @ and a domain", "", std::string(text)};
  }
  // As typed where it is no domain at all: "gmailcom" has no dot.
  const auto ascii = mail::ascii_domain(text.substr(at + 1));
  std::string domain = ascii ? *ascii : std::string(text.substr(at + 1));
  for (char& c : domain) c = base::ascii_lower(c);
  std::vector<std::string> addresses;
  for (const std::string& name : near_domains(domain, known_domains(db))) {
    addresses.push_back(std::string(text.substr(0, at + 1)) + mail::unicode_domain(name));
  }
  return addresses;
}

}  // namespace todoku::remedy
