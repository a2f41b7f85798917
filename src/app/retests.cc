#include "app/retests.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/intake_events.h"
#include "app/retest_mail.h"
#include "audience/contact.h"
#include "base/log.h"
#include "campaign/campaign.h"
#include "intake/history.h"
#include "queue/history.h"
#include "submission/submission.h"

namespace todoku::app {
namespace {

using audience::Retest;
using audience::RetestVerdict;

constexpr std::chrono::seconds kEvery{2};

/// The campaign whose sender the reader knows: the one whose mail failed, else the last one they got.
std::optional<campaign::Campaign> known_campaign(store::Connection& db, const audience::Stop& stop, base::Time now) {
  if (stop.campaign && !submission::is_submission(stop.campaign)) return campaign::find(db, stop.campaign);
  const base::CampaignId last = campaign::last_campaign_of(db, stop.contact, now);
  return last ? campaign::find(db, last) : std::nullopt;
}

}  // namespace

base::Result<void> begin_retest(store::Connection& db, const audience::Stop& stop, const tracking::Tokens& tokens,
                                base::Time now) {
  if (auto may = audience::may_retest(db, stop, now); !may) return may;
  const auto contact = audience::find_contact(db, stop.contact);
  if (!contact || contact->state != audience::State::stopped) {
    return base::Error{base::ErrorCode::refused, "the reader is not mailed for another reason", "", stop.address};
  }
  const auto campaign = known_campaign(db, stop, now);
  if (!campaign) {
    return base::Error{base::ErrorCode::not_found, "no campaign tells who should write to this reader", "",
                       stop.address};
  }
  const std::string name = fmt::format("retest.{}.{}", stop.id.value, base::to_stored(now));
  const auto mail = write_retest(*campaign, *contact, tokens, name, now);
  if (!mail) return mail.error();
  audience::add_retest(db, stop, submission::campaign_of(submission::accept(db, *mail, now)), now);
  return base::done;
}

RetestNews news_of(store::Connection& db, const Retest& test) {
  RetestNews news;
  if (const auto outcome = queue::final_outcome_of(db, test.campaign, test.contact)) {
    news.reply = outcome->text;
    if (outcome->result == queue::Result::delivered) {
      news.evidence.accepted_at = outcome->at;
    } else {
      news.evidence.given_up = true;
    }
  }
  const std::vector<std::int64_t> one = {test.contact.value};
  intake::each_finding(db, one, [&](const intake::Finding& finding) {
    const auto event = event_of(finding);
    if (!event || event->campaign != test.campaign || event->reason == bounce::Reason::delivered) return;
    news.evidence.came_back = true;
    news.reply = event->reply;
  });
  const auto stops = audience::find_stops(db, {.contact = test.contact});
  news.evidence.still_stopped =
      std::ranges::any_of(stops, [&](const audience::Stop& stop) { return stop.id == test.stop; });
  return news;
}

void RetestWatch::look() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kEvery) return;
  looked_ = now;
  decide(base::SystemClock().now());
}

std::int64_t RetestWatch::decide(base::Time now) {
  std::vector<std::pair<Retest, RetestNews>> all;
  {
    const store::Lease db = store_.read();
    for (Retest& test : audience::open_retests(*db)) {
      RetestNews news = news_of(*db, test);
      all.emplace_back(std::move(test), std::move(news));
    }
  }
  std::int64_t ended = 0;
  for (const auto& [test, news] : all) {
    const RetestVerdict verdict = audience::judge(news.evidence, now, wait_);
    if (verdict == RetestVerdict::wait && (!news.evidence.accepted_at || test.accepted_at)) continue;
    store_.write_now([&](store::Connection& db) {
      if (news.evidence.accepted_at) audience::note_accepted(db, test, *news.evidence.accepted_at);
      if (verdict != RetestVerdict::wait) audience::settle(db, test, verdict, news.reply, now);
    });
    if (verdict == RetestVerdict::wait) continue;
    ++ended;
    base::log::info("retest_ended", {{"contact", test.contact.value}, {"released", verdict == RetestVerdict::release}});
  }
  return ended;
}

}  // namespace todoku::app
