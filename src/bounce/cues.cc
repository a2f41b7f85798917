#include "bounce/cues.h"

#include <algorithm>
#include <map>
#include <utility>

#include "bounce/compiled_rules.h"
#include "bounce/cue_table.h"
#include "bounce/flat.h"
#include "bounce/phrase_book.h"

namespace todoku::bounce {
namespace {

struct Book {
  explicit Book(FlatReader from)
      : search(from.take<std::uint64_t>()), rows(from.take<FlatRange>()), indices(from.take<std::uint32_t>()) {}

  PhraseBook search;
  std::span<const FlatRange> rows;         // of each phrase, in indices
  std::span<const std::uint32_t> indices;  // in the table
};

const Book& book() {
  static const Book kBook{FlatReader(compiled_cues())};
  return kBook;
}

}  // namespace

std::vector<std::uint64_t> compile_cues() {
  std::vector<std::string_view> phrases;
  std::vector<std::vector<std::uint32_t>> rows;
  std::map<std::string_view, std::size_t> seen;
  for (std::uint32_t row = 0; row < cue_table().size(); ++row) {
    const auto [at, fresh] = seen.emplace(cue_table()[row].phrase, phrases.size());
    if (fresh) {
      phrases.push_back(at->first);
      rows.emplace_back();
    }
    rows[at->second].push_back(row);
  }
  std::vector<FlatRange> ranges;
  std::vector<std::uint32_t> indices;
  for (const auto& of_phrase : rows) ranges.push_back(flat_append(indices, of_phrase));
  FlatWriter out;
  out.put(make_phrase_book(phrases));
  out.put(ranges);
  out.put(indices);
  return out.take();
}

std::vector<CueHit> find_cues(std::string_view text) {
  const auto hits = book().search.find(text);
  std::vector<CueHit> out;
  out.reserve(hits.size());
  for (const PhraseBook::Hit& hit : hits) {
    for (const std::uint32_t index : book().rows[hit.phrase].of(book().indices)) {
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
