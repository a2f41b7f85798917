// The charset of a file or mail that does not say: a CSV out of a Japanese Excel, an old export, a database dump.
#include <algorithm>

#include "mail/charset.h"
#include "mail/utf8.h"

namespace todoku::mail {
namespace {

/// How a sample reads under one of the two double-byte charsets. Kana and common kanji speak for it; rare kanji, which
/// are what the wrong charset's bytes look like, against it.
struct Reading {
  bool valid = true;
  int score = 0;
};

constexpr bool between(unsigned char c, unsigned low, unsigned high) { return c >= low && c <= high; }

Reading read_shift_jis(std::string_view text, bool cut) {
  Reading reading;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80 || between(lead, 0xA1, 0xDF)) continue;  // half-width kana: what EUC looks like, so worth nothing
    if (!between(lead, 0x81, 0x9F) && !between(lead, 0xE0, 0xFC)) return {false, 0};
    if (i + 1 == text.size()) return cut ? reading : Reading{false, 0};
    const auto trail = static_cast<unsigned char>(text[++i]);
    if (!between(trail, 0x40, 0xFC) || trail == 0x7F) return {false, 0};
    if (lead == 0x82 || lead == 0x83) reading.score += 2;
    if (between(lead, 0x88, 0x97)) reading.score += 1;
    if (lead >= 0x99) reading.score -= 2;
  }
  return reading;
}

Reading read_euc_jp(std::string_view text, bool cut) {
  Reading reading;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) continue;
    if (lead != 0x8E && lead != 0x8F && !between(lead, 0xA1, 0xFE)) return {false, 0};
    const std::size_t more = lead == 0x8F ? 2 : 1;
    for (std::size_t k = 0; k < more; ++k) {
      if (i + 1 == text.size()) return cut ? reading : Reading{false, 0};
      if (!between(static_cast<unsigned char>(text[++i]), 0xA1, 0xFE)) return {false, 0};
    }
    if (lead == 0xA4 || lead == 0xA5) reading.score += 2;
    if (between(lead, 0xB0, 0xCF)) reading.score += 1;
    if (lead >= 0xD0) reading.score -= 2;
  }
  return reading;
}

}  // namespace

std::optional<std::string_view> detect_charset(std::string_view sample, bool cut) {
  if (sample.starts_with("\xEF\xBB\xBF")) return "utf-8";
  if (sample.starts_with("\xFF\xFE") || sample.starts_with("\xFE\xFF")) return "utf-16";
  const std::size_t good = utf8_valid_prefix(sample);
  const bool utf8 = good == sample.size() || (cut && utf8_incomplete(sample.substr(good)));
  if (utf8 && (sample.find("\x1B$B") != sample.npos || sample.find("\x1B$@") != sample.npos)) return "iso-2022-jp";
  if (utf8) return "utf-8";
  const Reading shift_jis = read_shift_jis(sample, cut);
  const Reading euc_jp = read_euc_jp(sample, cut);
  if (euc_jp.valid && (!shift_jis.valid || euc_jp.score > shift_jis.score)) return "euc-jp";
  if (shift_jis.valid) return "windows-31j";
  return std::nullopt;
}

std::optional<std::string_view> detect_cyrillic(std::string_view sample) {
  constexpr std::size_t kWord = 4;  // letters
  std::size_t in_words = 0;
  std::size_t others = 0;  // high letters outside such words
  std::size_t small_in_koi8 = 0;
  for (std::size_t i = 0; i < sample.size();) {
    std::size_t end = i;
    std::size_t lower_half = 0;
    while (end < sample.size() && static_cast<unsigned char>(sample[end]) >= 0xC0)
      lower_half += static_cast<unsigned char>(sample[end++]) < 0xE0 ? 1 : 0;
    (end - i >= kWord ? in_words : others) += end - i;
    if (end - i >= kWord) small_in_koi8 += lower_half;
    i = std::max(end, i + 1);
  }
  if (in_words < 2 * kWord || in_words < 2 * others) return std::nullopt;
  // Most letters are small ones: in KOI8-R the lower half of the range, in Windows' charset the upper.
  return 2 * small_in_koi8 > in_words ? "koi8-r" : "windows-1251";
}

}  // namespace todoku::mail
