#include "bounce/rule_phrases.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "bounce/rule_text.h"

namespace todoku::bounce {
namespace {

constexpr std::uint32_t kNear = 50;
constexpr std::uint32_t kFar = 400;
constexpr std::uint32_t kFiller = 12;
constexpr std::size_t kTextLimit = 64 * 1024;
constexpr std::size_t kWordLimit = 80;
constexpr std::uint32_t kRoot = 1;
constexpr std::uint32_t kNone = 0;
constexpr int kDepthLimit = 8;

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

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(at);
    if (end != 0) parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  std::erase_if(parts, [](std::string_view part) { return part.empty(); });
  return parts;
}

base::Error wrong(std::string message) {
  return {base::ErrorCode::invalid,
          std::move(message),
          "a phrase is slots of words, as in \"mailbox|account .. full\"",
          {}};
}

// The elements of a phrase once its optional slots were decided on.
void variants(const std::vector<std::string_view>& elements, std::size_t at, std::vector<std::string_view>& chosen,
              std::vector<std::vector<std::string_view>>& out) {
  if (at == elements.size()) return out.push_back(chosen);
  std::string_view element = elements[at];
  const bool optional = element.size() > 1 && element.ends_with('?');
  if (optional) {
    variants(elements, at + 1, chosen, out);
    element.remove_suffix(1);
  }
  chosen.push_back(element);
  variants(elements, at + 1, chosen, out);
  chosen.pop_back();
}

}  // namespace

// What was seen of each slot, as chains through one array in order of their begins.
struct PhraseSet::Hits {
  struct Hit {
    std::uint32_t begin, end, next;
  };
  std::vector<Hit> all{{0, 0, kNone}};  // index 0 ends a chain
  std::vector<std::uint32_t> first, last;
  std::vector<std::uint32_t> seen;  // slots

  explicit Hits(std::size_t slots) : first(slots, kNone), last(slots, kNone) {}

  void put(std::uint32_t slot, std::uint32_t begin, std::uint32_t end) {
    const auto index = static_cast<std::uint32_t>(all.size());
    all.push_back({begin, end, kNone});
    if (first[slot] == kNone) {
      first[slot] = index;
      seen.push_back(slot);
    } else {
      all[last[slot]].next = index;
    }
    last[slot] = index;
  }
};

base::Result<void> PhraseSet::add(std::string_view phrase, const WordList& words, std::uint32_t tag) {
  const auto elements = split(phrase, ' ');
  if (std::ranges::count_if(elements, [](auto e) { return e.size() > 1 && e.ends_with('?'); }) > 4)
    return wrong("more than four optional slots");
  std::vector<std::vector<std::string_view>> rows;
  std::vector<std::string_view> chosen;
  variants(elements, 0, chosen, rows);
  for (const auto& row : rows) {
    Phrase made{.steps = {}, .tag = tag};
    Link link = Link::start;
    for (const std::string_view& element : row) {
      const bool last = &element == &row.back();
      if (element == "^" && made.steps.empty()) {
        link = Link::text_start;
      } else if (element == "$" && last && !made.steps.empty()) {
        made.to_end = true;
      } else if (element == ".." || element == "...") {
        if (made.steps.empty() || last) return wrong("a gap at the beginning or the end");
        link = element == ".." ? Link::near : Link::far;
      } else {
        auto id = slot(element, words);
        if (!id) return id.error();
        made.steps.push_back({*id, link});
        link = Link::adjacent;
      }
    }
    if (made.steps.empty()) return wrong("no words");
    phrases_.push_back(std::move(made));
  }
  return base::done;
}

base::Result<std::uint32_t> PhraseSet::slot(std::string_view text, const WordList& words) {
  if (const auto known = slots_.find(std::string(text)); known != slots_.end()) return known->second;
  std::vector<std::string> all;
  if (auto listed = alternatives(text, words, 0, all); !listed) return listed.error();
  const auto id = static_cast<std::uint32_t>(slots_.size());
  slots_.emplace(text, id);
  for (const auto& alternative : all) put(id, alternative);
  return id;
}

base::Result<void> PhraseSet::alternatives(std::string_view text, const WordList& words, int depth,
                                           std::vector<std::string>& out) {
  if (depth > kDepthLimit) return wrong("the word list goes round in a circle");
  for (const std::string_view part : split(text, '|')) {
    if (part.starts_with('<') && part.ends_with('>')) {
      const auto named = words.find(part.substr(1, part.size() - 2));
      if (named == words.end()) return wrong("unknown word list " + std::string(part));
      if (auto inner = alternatives(named->second, words, depth + 1, out); !inner) return inner;
      continue;
    }
    std::string_view core = part;
    if (core.starts_with('*')) core.remove_prefix(1);
    if (core.ends_with('*')) core.remove_suffix(1);
    if (core.empty() || core.find('*') != std::string_view::npos)
      return wrong("'" + std::string(part) + "' is no word");
    if (core.size() > kWordLimit) return wrong("'" + std::string(part) + "' is too long");
    out.emplace_back(part);
  }
  if (out.empty()) return wrong("an empty slot");
  return base::done;
}

void PhraseSet::put(std::uint32_t slot, std::string_view text) {
  const bool left = !text.starts_with('*');
  const bool right = !text.ends_with('*');
  if (!left) text.remove_prefix(1);
  if (!right) text.remove_suffix(1);
  // '_' is a blank in one variant and nothing in the other, for all of them at once: "no_such_user", "nosuchuser".
  std::string spaced(text), closed(text);
  std::ranges::replace(spaced, '_', ' ');
  std::erase(closed, '_');
  put_word(slot, plain_word(spaced), left, right);
  if (closed != spaced) put_word(slot, plain_word(closed), left, right);
}

void PhraseSet::put_word(std::uint32_t slot, std::string_view word, bool left, bool right) {
  if (word.empty()) return;
  if (node_words_.empty()) node_words_.resize(kRoot + 1, kNone);
  std::uint32_t node = kRoot;
  for (const char c : word) node = make_child(node, static_cast<unsigned char>(c));
  std::uint32_t id = node_words_[node];
  while (id != kNone && (words_[id - 1].left != left || words_[id - 1].right != right)) id = words_[id - 1].next;
  if (id == kNone) {
    words_.push_back({.left = left, .right = right, .next = node_words_[node], .slots = {}});
    id = node_words_[node] = static_cast<std::uint32_t>(words_.size());
  }
  // Slots are filled one after the other, so a slot that has the word already is the last one.
  auto& slots = words_[id - 1].slots;
  if (slots.empty() || slots.back() != slot) slots.push_back(slot);
}

std::uint32_t PhraseSet::make_child(std::uint32_t node, unsigned char byte) {
  if (const std::uint32_t known = edges_.empty() ? kNone : child(node, byte); known != kNone) return known;
  const auto made = static_cast<std::uint32_t>(node_words_.size());
  node_words_.push_back(kNone);
  if (edges_.size() < 2 * node_words_.size()) grow();
  put_edge({node << 8 | byte, made});
  return made;
}

void PhraseSet::grow() {
  const std::vector<Edge> before =
      std::exchange(edges_, std::vector<Edge>(std::max<std::size_t>(edges_.size() * 2, 1024)));
  edge_shift_ = 64 - std::countr_zero(edges_.size());
  for (const Edge& edge : before)
    if (edge.key != 0) put_edge(edge);
}

void PhraseSet::put_edge(Edge edge) {
  std::size_t at = place(edge.key);
  while (edges_[at].key != 0) at = (at + 1) & (edges_.size() - 1);
  edges_[at] = edge;
}

void PhraseSet::build() {
  std::vector<std::uint32_t> uses(slots_.size());
  for (const auto& phrase : phrases_)
    for (const auto& step : phrase.steps) ++uses[step.slot];
  keyed_.assign(slots_.size(), {});
  for (std::uint32_t i = 0; i < phrases_.size(); ++i) {
    const auto& steps = phrases_[i].steps;
    const auto rarest = std::ranges::min_element(steps, {}, [&](const Step& step) { return uses[step.slot]; });
    keyed_[rarest->slot].push_back(i);
  }
}

std::uint32_t PhraseSet::child(std::uint32_t node, unsigned char byte) const {
  const std::uint32_t key = node << 8 | byte;
  const std::size_t mask = edges_.size() - 1;
  std::size_t at = place(key);
  while (edges_[at].key != 0) {
    if (edges_[at].key == key) return edges_[at].node;
    at = (at + 1) & mask;
  }
  return kNone;
}

void PhraseSet::walk(std::string_view plain, Hits& hits) const {
  for (std::size_t begin = 0; begin < plain.size(); ++begin) {
    std::uint32_t node = kRoot;
    for (std::size_t at = begin; at < plain.size(); ++at) {
      node = child(node, static_cast<unsigned char>(plain[at]));
      if (node == kNone) break;
      for (std::uint32_t id = node_words_[node]; id != kNone; id = words_[id - 1].next) {
        const Word& word = words_[id - 1];
        if (word.left && word_begins(plain, begin) && word_ends(plain, begin)) continue;
        if (word.right && word_ends(plain, at + 1) && word_begins(plain, at + 1)) continue;
        for (const std::uint32_t slot : word.slots)
          hits.put(slot, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at + 1));
      }
    }
  }
}

void PhraseSet::follow(const Phrase& phrase, std::string_view plain, const Hits& hits,
                       std::vector<PhraseFind>& out) const {
  struct Reach {
    std::uint32_t begin, end, letters;
  };
  const auto filler = [&](std::uint32_t from, std::uint32_t to) {
    if (to - from > kFiller) return false;
    for (std::uint32_t i = from; i < to; ++i)
      if (ascii_word(plain[i]) || static_cast<unsigned char>(plain[i]) >= 0x80) return false;
    return true;
  };
  std::vector<Reach> reached, before;
  for (const Step& step : phrase.steps) {
    std::swap(before, reached);
    reached.clear();
    std::ranges::sort(before, {}, &Reach::end);
    std::size_t at = 0;
    for (std::uint32_t i = hits.first[step.slot]; i != kNone; i = hits.all[i].next) {
      const auto& hit = hits.all[i];
      Reach next{hit.begin, hit.end, hit.end - hit.begin};
      if (step.link == Link::text_start && !filler(0, hit.begin)) continue;
      if (step.link != Link::start && step.link != Link::text_start) {
        // Finds come in order of begin, so the nearest end before is found by moving on.
        while (at < before.size() && before[at].end <= hit.begin) ++at;
        if (at == 0) continue;
        const Reach& last = before[at - 1];
        const std::uint32_t gap = hit.begin - last.end;
        if (step.link == Link::adjacent ? !filler(last.end, hit.begin) : gap > (step.link == Link::near ? kNear : kFar))
          continue;
        next.begin = last.begin;
        next.letters += last.letters;
      }
      reached.push_back(next);
    }
    if (reached.empty()) return;
  }
  if (phrase.to_end)
    std::erase_if(reached, [&](const Reach& r) { return !filler(r.end, static_cast<std::uint32_t>(plain.size())); });
  if (reached.empty()) return;
  const Reach& best = *std::ranges::max_element(reached, {}, &Reach::letters);
  out.push_back({phrase.tag, best.begin, best.end, best.letters});
}

std::vector<PhraseFind> PhraseSet::find(std::string_view plain) const {
  std::vector<PhraseFind> found;
  if (edges_.empty()) return found;
  plain = plain.substr(0, kTextLimit);
  Hits hits(slots_.size());
  walk(plain, hits);
  for (const std::uint32_t slot : hits.seen)
    for (const std::uint32_t index : keyed_[slot]) {
      const Phrase& phrase = phrases_[index];
      if (std::ranges::all_of(phrase.steps, [&](const Step& step) { return hits.first[step.slot] != kNone; }))
        follow(phrase, plain, hits, found);
    }
  return found;
}

std::size_t PhraseSet::bytes() const {
  std::size_t sum =
      edges_.size() * sizeof(Edge) + phrases_.size() * sizeof(Phrase) + node_words_.size() * sizeof(node_words_[0]);
  for (const auto& phrase : phrases_) sum += phrase.steps.size() * sizeof(Step);
  for (const auto& word : words_) sum += sizeof(Word) + word.slots.size() * sizeof(std::uint32_t);
  return sum;
}

}  // namespace todoku::bounce
