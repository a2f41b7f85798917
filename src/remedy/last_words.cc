#include "remedy/last_words.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "intake/returned.h"
#include "queue/repeat.h"
#include "remedy/remedy_queries.h"

namespace todoku::remedy {
namespace {

/// What is later outranks what was said before.
void say(LastWords& words, base::ContactId contact, LastWord word) {
  const auto [at, added] = words.try_emplace(contact, word);
  if (!added && at->second.at <= word.at) at->second = std::move(word);
}

using AfterBatches = std::map<base::ContactId, base::BatchId>;

/// How the mail was last sent again: as it was, or as variants, which are several where it was split.
struct Resent {
  AfterBatches as_it_was;
  std::map<base::ContactId, std::vector<base::CampaignId>> as_variants;
};

Resent resent(store::Connection& db, base::CampaignId campaign) {
  Resent resent;
  std::map<base::ContactId, std::int64_t> at;
  auto rows = db.query(kResentContacts, {campaign});
  while (rows.next()) {
    const base::ContactId contact{rows.integer(0)};
    const base::CampaignId via{rows.integer(3)};
    auto& variants = resent.as_variants[contact];
    if (std::exchange(at[contact], rows.integer(4)) != rows.integer(4) || !via) variants.clear();
    if (via) variants.push_back(via);
    if (via) {
      resent.as_it_was.erase(contact);
    } else {
      resent.as_it_was[contact] = {rows.integer(2)};
    }
  }
  std::erase_if(resent.as_variants, [](const auto& each) { return each.second.empty(); });
  return resent;
}

/// Deliveries and failures since; whoever has none is waiting.
void say_repeated(store::Connection& db, base::CampaignId campaign, const AfterBatches& after, LastWords& words) {
  if (after.empty()) return;
  const auto first = std::ranges::min_element(after, {}, [](const auto& each) { return each.second.value; });
  std::map<base::ContactId, queue::Final> finals;
  for (queue::Final& final : queue::finals_after(db, campaign, first->second)) {
    const auto since = after.find(final.contact);
    if (since != after.end() && final.batch > since->second) finals.insert_or_assign(final.contact, std::move(final));
  }
  for (auto& [contact, word] : words) {
    if (!after.contains(contact)) continue;
    const auto final = finals.find(contact);
    word.waiting = final == finals.end();
    if (word.waiting || final->second.at < word.at) continue;
    const bool delivered = final->second.result == queue::Result::delivered;
    word = {delivered ? "" : final->second.reason, final->second.site, final->second.at};
  }
}

/// What became of a variant's mails.
LastWords words_of_variant(store::Connection& db, base::CampaignId variant) {
  LastWords words;
  for (queue::Final& final : queue::finals_after(db, variant, {})) {
    const bool delivered = final.result == queue::Result::delivered;
    say(words, final.contact, {delivered ? "" : std::move(final.reason), std::move(final.site), final.at});
  }
  for (intake::Returned& returned : intake::returned_of(db, variant)) {
    say(words, returned.contact, {std::move(returned.reason), "", returned.at});
  }
  return words;
}

/// Of several parts: waiting while one waits; failed where one failed.
void say_varied(store::Connection& db, const Resent& resent, LastWords& words) {
  std::map<base::CampaignId, LastWords> of_variant;
  for (auto& [contact, word] : words) {
    const auto variants = resent.as_variants.find(contact);
    if (variants == resent.as_variants.end()) continue;
    LastWord all{"", "", word.at};
    for (const base::CampaignId variant : variants->second) {
      auto known = of_variant.find(variant);
      if (known == of_variant.end()) known = of_variant.emplace(variant, words_of_variant(db, variant)).first;
      const auto one = known->second.find(contact);
      if (one == known->second.end()) all.waiting = true;
      if (one != known->second.end() && all.reason.empty())
        all = {one->second.reason, one->second.site, one->second.at, all.waiting};
    }
    if (all.waiting) all.reason = word.reason;
    word = std::move(all);
  }
}

}  // namespace

LastWords last_words(store::Connection& db, base::CampaignId campaign, std::string_view reason) {
  LastWords words;
  for (queue::Final& final : queue::failed_for(db, campaign, reason)) {
    say(words, final.contact, {std::move(final.reason), std::move(final.site), final.at});
  }
  for (intake::Returned& returned : intake::returned_of(db, campaign)) {
    if (returned.reason == reason || words.contains(returned.contact)) {
      say(words, returned.contact, {std::move(returned.reason), "", returned.at});
    }
  }
  const Resent resent = remedy::resent(db, campaign);
  say_repeated(db, campaign, resent.as_it_was, words);
  say_varied(db, resent, words);
  return words;
}

}  // namespace todoku::remedy
