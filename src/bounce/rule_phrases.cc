#include "bounce/rule_phrases.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "bounce/rule_text.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kWordLimit = 80;
constexpr std::uint32_t kNone = 0;
constexpr int kDepthLimit = 8;
constexpr std::string_view kMisspelt = "misspelt_";

using Link = PhraseTables::Link;

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

/// "here|$" as the last slot: one of the words, or the end. The words; nothing where no alternative is the end.
std::optional<std::string_view> words_or_end(std::string_view element) {
  constexpr std::string_view kEnd = "|$";
  if (!element.ends_with(kEnd)) return std::nullopt;
  element.remove_suffix(kEnd.size());
  return element;
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
  if (const auto words = words_or_end(element); words && at + 1 == elements.size()) {
    for (const std::string_view ending : {*words, std::string_view("$")}) {
      chosen.push_back(ending);
      out.push_back(chosen);
      chosen.pop_back();
    }
    return;
  }
  chosen.push_back(element);
  variants(elements, at + 1, chosen, out);
  chosen.pop_back();
}

}  // namespace

base::Result<void> PhraseSet::add(std::string_view phrase, const WordList& words, std::uint32_t tag) {
  const auto elements = split(phrase, ' ');
  if (std::ranges::count_if(elements, [](auto e) { return e.size() > 1 && e.ends_with('?'); }) > 4)
    return wrong("more than four optional slots");
  std::vector<std::vector<std::string_view>> rows;
  std::vector<std::string_view> chosen;
  variants(elements, 0, chosen, rows);
  for (const auto& row : rows) {
    std::vector<Step> steps;
    bool to_end = false;
    Link link = Link::start;
    for (const std::string_view& element : row) {
      const bool last = &element == &row.back();
      if (element == "^" && steps.empty()) {
        link = Link::text_start;
      } else if (element == "$" && last && !steps.empty()) {
        to_end = true;
      } else if (element == ".." || element == "...") {
        if (steps.empty() || last) return wrong("a gap at the beginning or the end");
        link = element == ".." ? Link::near : Link::far;
      } else {
        auto id = slot(element, words);
        if (!id) return id.error();
        steps.push_back({*id, link});
        link = Link::adjacent;
      }
    }
    if (steps.empty()) return wrong("no words");
    phrases_.push_back({.steps = flat_append(steps_, steps), .tag = tag, .to_end = to_end ? 1u : 0u});
  }
  return base::done;
}

base::Result<std::uint32_t> PhraseSet::slot(std::string_view text, const WordList& words) {
  if (const auto known = slots_.find(std::string(text)); known != slots_.end()) return known->second;
  std::vector<std::string> all;
  if (auto listed = alternatives(text, words, 0, all); !listed) return listed.error();
  const auto id = static_cast<std::uint32_t>(slots_.size());
  slots_.emplace(text, id);
  for (const auto& alternative : all) {
    put(id, alternative);
    put_misspelt(id, alternative, words);
  }
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
    if (part == "$") return wrong("'$' stands alone as the last slot, or as the last alternative of it");
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

/// The same with one of its words misspelt, in each way that the word list knows of.
void PhraseSet::put_misspelt(std::uint32_t slot, std::string_view text, const WordList& words) {
  constexpr std::string_view kBetween = " _*";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kBetween, begin), text.size());
    const auto known = words.find(std::string(kMisspelt).append(text.substr(begin, end - begin)));
    if (known != words.end())
      for (const std::string_view as : split(known->second, '|'))
        put(slot, std::string(text.substr(0, begin)).append(as).append(text.substr(end)));
    begin = end + 1;
  }
}

void PhraseSet::put_word(std::uint32_t slot, std::string_view word, bool left, bool right) {
  if (word.empty()) return;
  std::uint32_t node = left ? PhraseTables::kEdgeRoot : PhraseTables::kFreeRoot;
  std::uint32_t last = 0;  // index of the edge
  for (const char c : word) {
    last = edge(node, static_cast<unsigned char>(c));
    node = edges_[last].node;
  }
  std::uint32_t id = edges_[last].word;
  while (id != kNone && words_[id - 1].right != right) id = words_[id - 1].next;
  if (id == kNone) {
    words_.push_back({.right = right, .next = edges_[last].word, .slots = {}});
    id = edges_[last].word = static_cast<std::uint32_t>(words_.size());
  }
  // Slots are filled one after the other, so a slot that has the word already is the last one.
  auto& slots = words_[id - 1].slots;
  if (slots.empty() || slots.back() != slot) slots.push_back(slot);
}

/// The index of the edge from `node` by `byte`, made where there is none.
std::uint32_t PhraseSet::edge(std::uint32_t node, unsigned char byte) {
  const std::uint32_t key = node << 8 | byte;
  const auto [known, fresh] = places_.try_emplace(key, static_cast<std::uint32_t>(edges_.size()));
  if (fresh) edges_.push_back({.key = key, .node = PhraseTables::kFreeRoot + 1 + known->second, .word = kNone});
  return known->second;
}

void PhraseSet::write(FlatWriter& to) const {
  const int bits = std::countr_zero(std::bit_ceil(edges_.size() + edges_.size() / 2 + 2));  // a third is empty at least
  std::vector<Edge> table(std::size_t{1} << bits), first(512);
  for (const Edge& edge : edges_) {
    if (edge.key < (PhraseTables::kFreeRoot + 1) << 8) {
      first[edge.key - (PhraseTables::kEdgeRoot << 8)] = edge;
      continue;
    }
    std::size_t at = PhraseTables::place(edge.key, bits);
    while (table[at].key != 0) at = (at + 1) & (table.size() - 1);
    table[at] = edge;
  }
  to.put(table);
  to.put(first);
  std::vector<PhraseTables::Word> words;
  std::vector<std::uint32_t> slots;
  for (const Word& word : words_)
    words.push_back({.right = word.right ? 1u : 0u, .next = word.next, .slots = flat_append(slots, word.slots)});
  to.put(words);
  to.put(slots);
  to.put(phrases_);
  to.put(steps_);
  write_keys(to);
}

/// Each phrase is looked at when its rarest slot was seen.
void PhraseSet::write_keys(FlatWriter& to) const {
  std::vector<std::uint32_t> uses(slots_.size());
  for (const Step& step : steps_) ++uses[step.slot];
  std::vector<std::vector<std::uint32_t>> keyed(slots_.size());
  for (std::uint32_t i = 0; i < phrases_.size(); ++i) {
    const auto steps = phrases_[i].steps.of(std::span<const Step>(steps_));
    const auto rarest = std::ranges::min_element(steps, {}, [&](const Step& step) { return uses[step.slot]; });
    keyed[rarest->slot].push_back(i);
  }
  std::vector<FlatRange> ranges;
  std::vector<std::uint32_t> phrases;
  for (const auto& list : keyed) ranges.push_back(flat_append(phrases, list));
  to.put(ranges);
  to.put(phrases);
}

}  // namespace todoku::bounce
