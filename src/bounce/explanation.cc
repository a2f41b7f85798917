#include "bounce/explanation.h"

#include <toml++/toml.h>

#include <cassert>
#include <span>

#include "base/embedded_file.h"
#include "bounce/compiled_rules.h"
#include "bounce/explanation_text.h"

namespace todoku::bounce {

std::span<const base::EmbeddedFile> embedded_rules();

namespace {

using Meanings = std::array<Meaning, kReasonCount>;

std::string_view reasons_file() {
  for (const auto& file : embedded_rules())
    if (file.path == "reasons.toml") return file.content;
  return {};
}

Meaning read(const toml::table& table, const toml::table& parties) {
  Meaning meaning;
  meaning.effect = effect_of(table["effect"].value_or(std::string_view())).value_or(Effect::soft);
  const std::string_view who = table["who_acts"].value_or(std::string_view());
  meaning.party = party_of(who).value_or(Party::human);
  for (const Language language : {Language::ja, Language::en}) {
    const char* key = language == Language::ja ? "ja" : "en";
    auto& into = meaning.explanations[static_cast<std::size_t>(language)];
    into.name = table["name"][key].value_or(std::string());
    into.why = table["why"][key].value_or(std::string());
    into.what = table["what"][key].value_or(std::string());
    into.who = parties[who][key].value_or(std::string());
    if (const toml::array* actions = table["actions"].as_array())
      for (const toml::node& action : *actions) into.actions.push_back(action.value_or(std::string()));
  }
  return meaning;
}

// The file is part of the program, and a test holds it complete; so nothing is expected to fail here.
Meanings read_all() {
  Meanings meanings;
  const toml::table file = toml::parse(reasons_file());
  const toml::table* parties = file["party"].as_table();
  const toml::array* reasons = file["reason"].as_array();
  assert(parties != nullptr && reasons != nullptr);
  for (const toml::node& node : *reasons) {
    const toml::table& table = *node.as_table();
    const auto reason = reason_of(table["id"].value_or(std::string_view()));
    assert(reason);
    if (reason) meanings[static_cast<std::size_t>(*reason)] = read(table, *parties);
  }
  return meanings;
}

}  // namespace

const Meaning& meaning_of(Reason reason) {
  static const Meanings kMeanings = read_all();
  return kMeanings[static_cast<std::size_t>(reason)];
}

const Explanation& explain(Reason reason, Language language) {
  return meaning_of(reason).explanations[static_cast<std::size_t>(language)];
}
// Asked for with every verdict, so without the texts.
Effect effect_of(Reason reason) {
  return static_cast<Effect>(compiled_meanings()[static_cast<std::size_t>(reason)].effect);
}
Party party_of(Reason reason) {
  return static_cast<Party>(compiled_meanings()[static_cast<std::size_t>(reason)].party);
}

}  // namespace todoku::bounce
