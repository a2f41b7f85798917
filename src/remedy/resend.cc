#include "remedy/resend.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <span>

#include "audience/sendable.h"
#include "campaign/reopen.h"
#include "provider/providers.h"
#include "queue/counts.h"
#include "queue/queue.h"
#include "queue/repeat.h"
#include "remedy/last_words.h"
#include "remedy/remedy_queries.h"

namespace todoku::remedy {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kGroup = 1000;  // contacts looked up at once

/// Which receivers a resend is about.
class Place {
 public:
  static base::Result<Place> of(const ResendWanted& wanted) {
    Place place;
    place.site_ = wanted.site;
    if (wanted.provider.empty()) return place;
    place.provider_ = provider::Providers::built_in().of_name(wanted.provider);
    if (place.provider_ == nullptr) {
      return Error{ErrorCode::not_found, fmt::format("there is no provider '{}'", wanted.provider),
                   "for example gmail or docomo; `todoku shaping` shows all", "--provider"};
    }
    return place;
  }

  /// `said_by`: the site of the outcome, which is a provider's name or the domain itself.
  [[nodiscard]] bool holds(std::string_view domain, std::string_view said_by = {}) const {
    if (!site_.empty() && domain != site_) return false;
    if (provider_ == nullptr) return true;
    return said_by == provider_->name || provider::Providers::built_in().of_domain(domain) == provider_;
  }

 private:
  std::string site_;
  const provider::Provider* provider_ = nullptr;
};

/// Adds those of the ids who may be mailed to the plan.
void add_mailable(store::Connection& db, const LastWords& words, const Place& place,
                  std::span<const base::ContactId> ids, ResendPlan& plan) {
  std::vector<base::ContactId> here;
  for (const audience::Contact& contact : audience::find_contacts(db, ids)) {
    if (place.holds(contact.domain, words.at(contact.id).site)) here.push_back(contact.id);
  }
  const auto mailable = audience::find_sendable(db, here);
  for (const audience::Contact& contact : mailable) plan.again.push_back({contact.id, contact.domain});
  plan.not_mailable += static_cast<std::int64_t>(here.size() - mailable.size());
}

void plan_deferred(store::Connection& db, base::CampaignId campaign, const ResendWanted& wanted, const Place& place,
                   base::Time now, ResendPlan& plan) {
  for (queue::DeferredSite& site : queue::deferred_for(db, campaign, bounce::to_string(wanted.reason), now)) {
    if (!place.holds(site.site, site.site)) continue;
    plan.hastened += site.recipients;
    plan.hastened_sites.push_back(std::move(site.site));
  }
}

}  // namespace

base::Result<ResendPlan> plan_resend(store::Connection& db, base::CampaignId campaign, const ResendWanted& wanted,
                                     base::Time now) {
  const auto place = Place::of(wanted);
  if (!place) return place.error();
  const LastWords words = last_words(db, campaign, bounce::to_string(wanted.reason));
  ResendPlan plan;
  std::vector<base::ContactId> candidates;
  for (const auto& [contact, word] : words) {
    if (word.reason != bounce::to_string(wanted.reason)) continue;
    if (word.waiting) {
      ++plan.waiting;
    } else {
      candidates.push_back(contact);
    }
  }
  for (std::span<const base::ContactId> left(candidates); !left.empty();) {
    const auto group = left.first(std::min(kGroup, left.size()));
    add_mailable(db, words, *place, group, plan);
    left = left.subspan(group.size());
  }
  plan_deferred(db, campaign, wanted, *place, now, plan);
  return plan;
}

base::Result<void> resend(store::Connection& db, const campaign::Campaign& campaign, const ResendWanted& wanted,
                          const ResendPlan& plan, base::Time now) {
  const std::string_view reason = bounce::to_string(wanted.reason);
  if (auto done = lay_down_again(db, campaign, reason, plan.again, now); !done) return done;
  for (const std::string& site : plan.hastened_sites) queue::hasten(db, campaign.id, reason, site);
  return base::done;
}

base::Result<void> lay_down_again(store::Connection& db, const campaign::Campaign& campaign, std::string_view cause,
                                  const std::vector<Recipient>& recipients, base::Time now) {
  if (auto open = campaign::reopen(db, campaign); !open) return open;
  if (recipients.empty()) return campaign::finish_if_done(db, campaign.id, now), base::done;
  const auto count = static_cast<std::int64_t>(recipients.size());
  const auto id = db.query_integer(
      kAddResend, {campaign.id, cause, queue::newest_batch(db, campaign.id), count, now, store::Null{}});
  std::vector<std::int64_t> contacts;
  queue::BatchBuilder batches({.campaign = campaign.id, .now = now});
  for (const Recipient& recipient : recipients) {
    contacts.push_back(recipient.contact.value);
    batches.add(recipient.domain, recipient.contact);
  }
  db.execute(kAddResendRecipients, {campaign.id, id.value(), store::Integers{contacts}});
  batches.finish(db);
  return base::done;
}

namespace {

struct Sent {
  ResendCount count;
  base::BatchId after;
};

void add_final(ResendCount& count, queue::Result result) {
  switch (result) {
    case queue::Result::delivered:
      ++count.delivered;
      break;
    case queue::Result::failed:
      ++count.failed;
      break;
    default:
      ++count.skipped;
  }
}

using SentById = std::map<std::int64_t, Sent>;

/// Those that a variant carries: its own sums.
void count_variants(store::Connection& db, SentById& sent) {
  for (auto& [id, one] : sent) {
    if (!one.count.via) continue;
    const queue::Counts counts = queue::counts_of(db, one.count.via);
    one.count.delivered = counts.delivered;
    one.count.failed = counts.failed;
    one.count.skipped = counts.skipped + counts.cancelled;
  }
}

/// Those of the mail as it was: outcomes of later batches.
void count_repeats(store::Connection& db, base::CampaignId campaign, SentById& sent) {
  const auto first = std::ranges::find_if(sent, [](const auto& each) { return !each.second.count.via; });
  if (first == sent.end()) return;
  std::map<base::ContactId, std::vector<std::int64_t>> resends;  // ascending
  {
    auto rows = db.query(kResentContacts, {campaign});
    while (rows.next()) {
      if (rows.integer(3) == 0) resends[{rows.integer(0)}].push_back(rows.integer(1));
    }
  }
  for (const queue::Final& final : queue::finals_after(db, campaign, first->second.after)) {
    const auto of_contact = resends.find(final.contact);
    if (of_contact == resends.end()) continue;
    // The newest of its resends that was laid down before this outcome's batch.
    const auto mine = std::find_if(of_contact->second.rbegin(), of_contact->second.rend(),
                                   [&](std::int64_t id) { return sent.at(id).after < final.batch; });
    if (mine != of_contact->second.rend()) add_final(sent.at(*mine).count, final.result);
  }
}

}  // namespace

std::vector<ResendCount> resends_of(store::Connection& db, base::CampaignId campaign) {
  std::map<std::int64_t, Sent> sent;
  {
    auto rows = db.query(kResends, {campaign});
    while (rows.next()) {
      sent[rows.integer(0)] = {{.at = base::from_stored(rows.integer(4)),
                                .cause = std::string(rows.text(1)),
                                .via = {rows.is_null(5) ? 0 : rows.integer(5)},
                                .recipients = rows.integer(3)},
                               {rows.integer(2)}};
    }
  }
  count_variants(db, sent);
  count_repeats(db, campaign, sent);
  std::vector<ResendCount> counts;
  for (auto& [id, one] : sent) {
    one.count.waiting = one.count.recipients - one.count.delivered - one.count.failed - one.count.skipped;
    counts.push_back(std::move(one.count));
  }
  return counts;
}

}  // namespace todoku::remedy
