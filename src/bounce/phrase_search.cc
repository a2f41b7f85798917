#include "bounce/phrase_search.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/ascii.h"
#include "bounce/rule_text.h"

namespace todoku::bounce {
namespace {

constexpr std::uint32_t kNear = 50;
constexpr std::uint32_t kFar = 400;
constexpr std::uint32_t kFiller = 12;
constexpr std::uint32_t kWordRest = 48;
constexpr std::size_t kTextLimit = 64 * 1024;
constexpr std::uint32_t kNone = 0;

bool ascii_word(char c) { return base::ascii_alpha(c) || base::ascii_digit(c) || c == kInner; }

/// Whether a letter of a script that is written in words (Latin, Greek, Cyrillic) begins, ends at `at`.
bool word_begins(std::string_view s, std::size_t at) {
  if (at >= s.size()) return false;
  const auto lead = static_cast<unsigned char>(s[at]);
  return ascii_word(s[at]) || (lead >= 0xCE && lead <= 0xD3);
}
bool word_ends(std::string_view s, std::size_t at) {
  if (at == 0) return false;
  if (ascii_word(s[at - 1])) return true;
  if (at < 2) return false;
  const auto lead = static_cast<unsigned char>(s[at - 2]);
  return lead >= 0xCE && lead <= 0xD3;
}

/// Only punctuation and blanks, and few of them.
bool is_filler(std::string_view plain, std::uint32_t from, std::uint32_t to) {
  return to - from <= kFiller && std::ranges::none_of(plain.substr(from, to - from), [](char c) {
           return ascii_word(c) || static_cast<unsigned char>(c) >= 0x80;
         });
}

/// Where the word ends that a find of "exist*" ends in; a longer rest is no word's.
std::uint32_t word_end(std::string_view plain, std::uint32_t at) {
  const std::uint32_t limit = at + kWordRest;
  while (at < plain.size() && at < limit && word_ends(plain, at) && word_begins(plain, at))
    at += ascii_word(plain[at]) ? 1 : 2;
  return at;
}

/// Whether at most `limit` bytes lie between; of scripts whose letters take two bytes or three (Cyrillic, Arabic, Thai)
/// as many letters as of Latin ones. A Chinese or Japanese character, which says as much as a word, counts as two.
bool within(std::string_view plain, std::uint32_t from, std::uint32_t to, std::uint32_t limit) {
  if (to - from <= limit) return true;
  if (to - from > 3 * limit) return false;
  std::uint32_t letters = 0;
  for (const char c : plain.substr(from, to - from)) {
    const auto byte = static_cast<unsigned char>(c);
    letters += byte < 0x80 || byte >= 0xC0 ? (byte > 0xE2 && byte < 0xF0 ? 2u : 1u) : 0u;
  }
  return letters <= limit;
}

}  // namespace

// What was seen of each slot, as chains through one array in order of their begins.
struct PhraseTables::Hits {
  struct Hit {
    std::uint32_t begin, end, next;
  };
  struct Chain {
    std::uint32_t first, last;
  };
  std::vector<Hit> all;
  std::vector<Chain> chains;        // by slot
  std::vector<std::uint32_t> seen;  // slots

  explicit Hits(std::size_t slots) : chains(slots, Chain{kNone, kNone}) {
    all.reserve(256);
    seen.reserve(64);
    all.push_back({0, 0, kNone});  // index 0 ends a chain
  }

  void put(std::uint32_t slot, std::uint32_t begin, std::uint32_t end) {
    const auto index = static_cast<std::uint32_t>(all.size());
    all.push_back({begin, end, kNone});
    Chain& chain = chains[slot];
    if (chain.first == kNone) {
      chain.first = index;
      seen.push_back(slot);
    } else {
      all[chain.last].next = index;
    }
    chain.last = index;
  }
  [[nodiscard]] bool has(const Step& step) const { return chains[step.slot].first != kNone; }
};

PhraseTables PhraseTables::read(FlatReader& from) {
  PhraseTables made;
  made.edges = from.take<Edge>();
  made.first = from.take<Edge>();
  made.words = from.take<Word>();
  made.word_slots = from.take<std::uint32_t>();
  made.phrases = from.take<Phrase>();
  made.steps = from.take<Step>();
  made.keyed = from.take<FlatRange>();
  made.keyed_phrases = from.take<std::uint32_t>();
  return made;
}

const PhraseTables::Edge* PhraseTables::child(std::uint32_t node, unsigned char byte) const {
  const std::uint32_t key = node << 8 | byte;
  const std::size_t mask = edges.size() - 1;
  for (std::size_t at = place(key, std::countr_zero(edges.size())); edges[at].key != 0; at = (at + 1) & mask)
    if (edges[at].key == key) return &edges[at];
  return nullptr;
}

void PhraseTables::take_words(std::uint32_t word, std::string_view plain, FlatRange at, Hits& hits) const {
  for (; word != kNone; word = words[word - 1].next) {
    const Word& found = words[word - 1];
    if (found.right != 0 && word_ends(plain, at.end) && word_begins(plain, at.end)) continue;
    for (const std::uint32_t slot : found.slots.of(word_slots)) hits.put(slot, at.begin, at.end);
  }
}

void PhraseTables::walk(std::string_view plain, Hits& hits) const {
  const auto byte = [plain](std::uint32_t at) { return static_cast<unsigned char>(plain[at]); };
  for (std::uint32_t begin = 0; begin < plain.size(); ++begin) {
    const Edge* free = &first[256u + byte(begin)];
    if (free->node == kNone) free = nullptr;
    const bool inside = word_begins(plain, begin) && word_ends(plain, begin);
    const Edge* edge = inside ? nullptr : &first[byte(begin)];
    if (edge != nullptr && edge->node == kNone) edge = nullptr;
    // Side by side, so that the finds of a slot come in order of begin and end.
    for (std::uint32_t end = begin + 1; edge != nullptr || free != nullptr; ++end) {
      if (edge != nullptr) take_words(edge->word, plain, {begin, end}, hits);
      if (free != nullptr) take_words(free->word, plain, {begin, end}, hits);
      if (end == plain.size()) break;
      if (edge != nullptr) edge = child(edge->node, byte(end));
      if (free != nullptr) free = child(free->node, byte(end));
    }
  }
}

void PhraseTables::follow(const Phrase& phrase, std::string_view plain, const Hits& hits,
                          std::vector<PhraseFind>& out) const {
  struct Reach {
    std::uint32_t begin, end, letters;
  };
  std::vector<Reach> reached, before;
  for (const Step& step : phrase.steps.of(steps)) {
    std::swap(before, reached);
    reached.clear();
    std::ranges::sort(before, {}, &Reach::end);
    std::size_t at = 0;
    for (std::uint32_t i = hits.chains[step.slot].first; i != kNone; i = hits.all[i].next) {
      const auto& hit = hits.all[i];
      Reach next{hit.begin, hit.end, hit.end - hit.begin};
      if (step.link == Link::text_start && !is_filler(plain, 0, hit.begin)) continue;
      if (step.link != Link::start && step.link != Link::text_start) {
        // Finds come in order of begin, so the nearest end before is found by moving on.
        while (at < before.size() && before[at].end <= hit.begin) ++at;
        if (at == 0) continue;
        const Reach& last = before[at - 1];
        if (step.link == Link::adjacent ? !is_filler(plain, std::min(word_end(plain, last.end), hit.begin), hit.begin)
                                        : !within(plain, last.end, hit.begin, step.link == Link::near ? kNear : kFar))
          continue;
        next.begin = last.begin;
        next.letters += last.letters;
      }
      reached.push_back(next);
    }
    if (reached.empty()) return;
  }
  if (phrase.to_end != 0)
    std::erase_if(reached,
                  [&](const Reach& r) { return !is_filler(plain, r.end, static_cast<std::uint32_t>(plain.size())); });
  if (reached.empty()) return;
  const Reach& best = *std::ranges::max_element(reached, {}, &Reach::letters);
  out.push_back({phrase.tag, best.begin, best.end, best.letters});
}

std::vector<PhraseFind> PhraseTables::find(std::string_view plain) const {
  std::vector<PhraseFind> found;
  if (edges.empty()) return found;
  plain = plain.substr(0, kTextLimit);
  Hits hits(keyed.size());
  walk(plain, hits);
  for (const std::uint32_t slot : hits.seen)
    for (const std::uint32_t index : keyed[slot].of(keyed_phrases)) {
      const Phrase& phrase = phrases[index];
      if (std::ranges::all_of(phrase.steps.of(steps), [&](const Step& step) { return hits.has(step); }))
        follow(phrase, plain, hits, found);
    }
  return found;
}

std::size_t PhraseTables::bytes() const {
  return edges.size_bytes() + first.size_bytes() + words.size_bytes() + word_slots.size_bytes() + phrases.size_bytes() +
         steps.size_bytes() + keyed.size_bytes() + keyed_phrases.size_bytes();
}

}  // namespace todoku::bounce
