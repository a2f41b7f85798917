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

bool says_more_than(std::string_view line, std::string_view address) { return line.size() > address.size() + 6; }

}  // namespace

std::string lines_naming(const Notice& notice, std::string_view address) {
  std::string out;
  for (const FoundAddress& found : find_addresses(notice.words)) {
    if (!base::iequals(found.in(notice.words), address) || out.size() > kPassageLimit) continue;
    const std::size_t begin = found.begin == 0 ? 0 : notice.words.rfind('\n', found.begin) + 1;
    const std::size_t end = std::min(notice.words.find('\n', found.end), notice.words.size());
    const std::string_view line = trim(notice.words.substr(begin, end - begin));
    if (!says_more_than(line, address)) continue;
    out += line;
    out += '\n';
  }
  return without_filler(out);
}

std::string lines_around(const Notice& notice, std::string_view address) {
  const auto lines = lines_of(notice.words);
  for (const FoundAddress& found : find_addresses(notice.words)) {
    if (!base::iequals(found.in(notice.words), address)) continue;
    const auto line = std::ranges::find_if(lines, [&](const TextLine& one) { return one.end >= found.end; });
    if (line == lines.end()) break;
    const std::size_t begin = line == lines.begin() ? line->begin : std::prev(line)->begin;
    const std::size_t end = std::next(line) == lines.end() ? line->end : std::next(line)->end;
    return without_filler(notice.words.substr(begin, end - begin));
  }
  return {};
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
