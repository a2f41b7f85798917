#include "bounce/cues.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "bounce/cue_table.h"
#include "bounce/phrase_book.h"

namespace todoku::bounce {
namespace {

/// The table's phrases, each once; one that means two things has several rows.
struct Book {
  Book() : phrases(unique_phrases()), search(phrases) {}

  std::vector<std::vector<std::uint16_t>> rows;  // of each phrase, indices in the table; filled with phrases
  std::vector<std::string_view> phrases;
  PhraseBook search;

 private:
  std::vector<std::string_view> unique_phrases() {
    std::vector<std::string_view> out;
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t row = 0; row < cue_table().size(); ++row) {
      const auto [at, fresh] = seen.emplace(cue_table()[row].phrase, out.size());
      if (fresh) {
        out.push_back(at->first);
        rows.emplace_back();
      }
      rows[at->second].push_back(static_cast<std::uint16_t>(row));
    }
    return out;
  }
};

const Book& book() {
  static const Book kBook;
  return kBook;
}

}  // namespace

std::vector<CueHit> find_cues(std::string_view text) {
  const auto hits = book().search.find(text);
  std::vector<CueHit> out;
  out.reserve(hits.size());
  for (const PhraseBook::Hit& hit : hits) {
    for (const std::uint16_t index : book().rows[hit.phrase]) {
      const CueRow& row = cue_table()[index];
      out.push_back({row.cue, hit.begin, hit.end, row.format, row.stage});
    }
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
