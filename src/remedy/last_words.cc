#include "remedy/last_words.h"

#include <algorithm>

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

AfterBatches resent(store::Connection& db, base::CampaignId campaign) {
  AfterBatches after;
  auto rows = db.query(kResentContacts, {campaign});
  while (rows.next()) after[{rows.integer(0)}] = {rows.integer(2)};
  return after;
}

/// Deliveries and failures since; whoever has none is waiting.
void say_again(store::Connection& db, base::CampaignId campaign, LastWords& words) {
  const AfterBatches after = resent(db, campaign);
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
  say_again(db, campaign, words);
  return words;
}

}  // namespace todoku::remedy
