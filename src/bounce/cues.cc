#include "bounce/cues.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bounce/cue_table.h"
#include "bounce/phrase_book.h"

namespace todoku::bounce {
namespace {

const PhraseBook& book() {
  static const PhraseBook kBook = [] {
    std::vector<std::string_view> phrases;
    for (const CueRow& row : cue_table()) phrases.push_back(row.phrase);
    return PhraseBook(phrases);
  }();
  return kBook;
}

}  // namespace

std::vector<CueHit> find_cues(std::string_view text) {
  const auto hits = book().find(text);
  const auto table = cue_table();
  std::vector<CueHit> out;
  out.reserve(hits.size());
  for (const PhraseBook::Hit& hit : hits) {
    const CueRow& row = table[hit.phrase];
    out.push_back({row.cue, hit.begin, hit.end, row.format, row.stage});
  }
  std::ranges::sort(out, {}, [](const CueHit& hit) { return std::pair{hit.begin, hit.end}; });
  return out;
}

bool has_cue(std::span<const CueHit> hits, Cue cue) {
  return std::ranges::any_of(hits, [cue](const CueHit& hit) { return hit.cue == cue; });
}

std::span<const CueHit> cues_within(std::span<const CueHit> hits, std::size_t begin, std::size_t end) {
  const auto first =
      std::ranges::lower_bound(hits, begin, {}, [](const CueHit& hit) { return std::size_t{hit.begin}; });
  const auto last = std::ranges::lower_bound(hits, end, {}, [](const CueHit& hit) { return std::size_t{hit.begin}; });
  return {first, std::max(first, last)};
}

}  // namespace todoku::bounce
