#include "bounce/original_recipient.h"

#include <algorithm>

#include "base/ascii.h"
#include "bounce/address_scan.h"

namespace todoku::bounce {
namespace {

constexpr std::string_view kPhrases[] = {"generated from", "expanded from", "original address:", "original recipient:"};
constexpr std::size_t kWordsLimit = 64 << 10;  // a thousand recipients ask, of a text of any length

}  // namespace

bool names_original_recipients(std::string_view words) {
  const std::string lower = base::ascii_lower(words.substr(0, kWordsLimit));
  return std::ranges::any_of(kPhrases,
                             [&](std::string_view phrase) { return lower.find(phrase) != std::string::npos; });
}

std::string original_recipient_of(std::string_view words, std::string_view address) {
  constexpr std::size_t kNear = 200;
  if (address.empty()) return {};
  constexpr int kPlacesLimit = 4;
  words = words.substr(0, kWordsLimit);
  std::size_t at = words.find(address);
  for (int place = 0; place < kPlacesLimit && at != std::string_view::npos; ++place) {
    std::string_view behind = words.substr(at + address.size(), kNear);
    for (const std::string_view end : {"\n\n", "\n<", "\n\""}) behind = behind.substr(0, behind.find(end));  // the next
    const std::string lower = base::ascii_lower(behind);
    for (const std::string_view phrase : kPhrases) {
      const std::size_t said = lower.find(phrase);
      if (said == std::string::npos) continue;
      const std::string_view rest = behind.substr(said + phrase.size());
      const auto found = find_addresses(rest, 1);
      if (!found.empty() && found.front().begin <= 4) return std::string(found.front().in(rest));
    }
    at = words.find(address, at + 1);
  }
  return {};
}

std::string recipient_in_return_path(std::string_view return_path) {
  const std::size_t at = return_path.find('@');
  if (at == std::string_view::npos) return {};
  const std::string_view local = return_path.substr(0, at);
  const std::size_t equals = local.rfind('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view before = local.substr(0, equals);
  const std::size_t cut = before.find_last_of("-+");
  if (cut == std::string_view::npos) return {};  // BATV's "prvs=…=aoi@…", SRS: no recipient's
  const std::string carried = std::string(before.substr(cut + 1)) + '@' + std::string(local.substr(equals + 1));
  const auto found = find_addresses(carried, 1);
  const bool whole = found.size() == 1 && found.front().in(carried) == carried;
  return whole && carried.find('.', carried.find('@')) != std::string::npos ? carried : std::string();
}

}  // namespace todoku::bounce
