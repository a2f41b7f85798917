// The texts that widen a passage: lines that name an address, and a notice's words without those of its form.
#include <algorithm>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/freeform.h"
#include "bounce/heading.h"

namespace todoku::bounce {
namespace {

using base::trim;

constexpr std::size_t kPassageLimit = 4096;

/// The sentence, or the line of a list, that the cue stands in.
TextLine sentence_around(std::string_view text, const CueHit& cue) {
  std::size_t begin = cue.begin;
  while (begin > 0) {
    const char before = text[begin - 1];
    if (before == '\n' && (begin < 2 || text[begin - 2] == '\n' || text[begin - 2] == ':')) break;
    if (begin > 1 && base::ascii_space(before) && (text[begin - 2] == '.' || text[begin - 2] == '!')) break;
    --begin;
  }
  std::size_t end = cue.end;
  while (end < text.size()) {
    const char c = text[end];
    if (c == '\n' && (end + 1 == text.size() || text[end + 1] == '\n')) break;
    if ((c == '.' || c == ':' || c == '!') && (end + 1 == text.size() || base::ascii_space(text[end + 1]))) {
      ++end;
      break;
    }
    ++end;
  }
  return {begin, end};
}

/// Less than, equal to or greater than 0, whatever the letters' case.
int compare(std::string_view a, std::string_view b) {
  const auto [x, y] = std::ranges::mismatch(
      a, b, {}, [](char c) { return base::ascii_lower(c); }, [](char c) { return base::ascii_lower(c); });
  if (x != a.end() && y != b.end()) return base::ascii_lower(*x) < base::ascii_lower(*y) ? -1 : 1;
  return x != a.end() ? 1 : y != b.end() ? -1 : 0;
}

bool says_more_than(std::string_view line, std::string_view address) { return line.size() > address.size() + 6; }

}  // namespace

NamedLines::NamedLines(const Notice& notice)
    : words_(notice.words), lines_(lines_of(words_)), found_(find_addresses(words_)) {
  std::ranges::sort(found_, [this](const FoundAddress& a, const FoundAddress& b) {
    const int order = compare(a.in(words_), b.in(words_));
    return order != 0 ? order < 0 : a.begin < b.begin;
  });
}

std::span<const FoundAddress> NamedLines::of(std::string_view address) const {
  const auto before = [this](const FoundAddress& one, std::string_view other) {
    return compare(one.in(words_), other) < 0;
  };
  const auto first = std::lower_bound(found_.begin(), found_.end(), address, before);
  auto last = first;
  while (last != found_.end() && base::iequals(last->in(words_), address)) ++last;
  return {first, last};
}

std::string NamedLines::naming(std::string_view address) const {
  std::string out;
  for (const FoundAddress& found : of(address)) {
    if (out.size() > kPassageLimit) break;
    const std::size_t begin = found.begin == 0 ? 0 : words_.rfind('\n', found.begin) + 1;
    const std::size_t end = std::min(words_.find('\n', found.end), words_.size());
    const std::string_view line = trim(words_.substr(begin, std::min(end - begin, 2 * kPassageLimit)));
    if (!says_more_than(line, address)) continue;
    out += line;
    out += '\n';
  }
  return without_filler(out);
}

std::string NamedLines::around(std::string_view address) const {
  const auto all = of(address);
  if (all.empty()) return {};
  const auto line = std::ranges::lower_bound(lines_, all.front().end, {}, &TextLine::end);
  if (line == lines_.end()) return {};
  const std::size_t begin = line == lines_.begin() ? line->begin : std::prev(line)->begin;
  const std::size_t end = std::next(line) == lines_.end() ? line->end : std::next(line)->end;
  return without_filler(words_.substr(begin, std::min(end - begin, 4 * kPassageLimit)));
}

std::string without_filler(std::string_view text) {
  std::string out;
  std::size_t from = 0;
  for (const CueHit& cue : find_cues(text)) {
    if ((cue.cue != Cue::filler && cue.cue != Cue::frame) || cue.begin < from) continue;
    const TextLine sentence = cue.cue == Cue::frame ? TextLine{cue.begin, cue.end} : sentence_around(text, cue);
    if (sentence.begin > from) out += text.substr(from, sentence.begin - from);
    from = std::max(from, sentence.end);
  }
  out += text.substr(std::min(from, text.size()));
  return std::string(trim(std::string_view(out).substr(0, kPassageLimit)));
}

}  // namespace todoku::bounce
