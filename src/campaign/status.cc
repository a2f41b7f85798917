#include "campaign/status.h"

#include <algorithm>
#include <tuple>

#include "audience/contact.h"
#include "audience/sendable.h"
#include "campaign/campaign_queries.h"
#include "queue/counts.h"
#include "queue/examples.h"

namespace todoku::campaign {
namespace {

CauseCount& cause_of(std::vector<CauseCount>& causes, const std::string& reason) {
  const auto found = std::ranges::find(causes, reason, &CauseCount::reason);
  if (found != causes.end()) return *found;
  causes.push_back({.reason = reason, .example_address = "", .example_reply = ""});
  return causes.back();
}

void add_example(store::Connection& db, const Campaign& campaign, CauseCount& cause) {
  const queue::Result result = cause.failed > 0 ? queue::Result::failed : queue::Result::deferred;
  for (const queue::Example& example : queue::examples_of(db, campaign.id, result, cause.reason, 1)) {
    cause.example_contact = audience::find_contact(db, example.contact);
    cause.example_address = cause.example_contact ? cause.example_contact->address : "";
    cause.example_reply = example.text;
  }
}

std::vector<CauseCount> causes_of(store::Connection& db, const Campaign& campaign) {
  std::vector<CauseCount> causes;
  for (const queue::ReasonCount& count : queue::reasons_of(db, campaign.id)) {
    if (count.result == queue::Result::failed) cause_of(causes, count.reason).failed += count.count;
    if (count.result == queue::Result::deferred) cause_of(causes, count.reason).deferred += count.count;
  }
  std::erase_if(causes, [](const CauseCount& c) { return c.failed + c.deferred == 0; });
  for (CauseCount& cause : causes) add_example(db, campaign, cause);
  std::ranges::sort(causes, [](const CauseCount& x, const CauseCount& y) {
    return std::tuple(y.failed + y.deferred, x.reason) < std::tuple(x.failed + x.deferred, y.reason);
  });
  return causes;
}

}  // namespace

Status status_of(store::Connection& db, const Campaign& campaign) {
  Status status;
  status.campaign = campaign;
  if (campaign.state == State::draft) {
    status.total = status.waiting = audience::count_sendable(db, campaign.list);
    return status;
  }
  const queue::Counts counts = queue::counts_of(db, campaign.id);
  status.total = counts.recipients;
  status.delivered = counts.delivered;
  status.waiting = counts.waiting;
  status.deferred = counts.deferred;
  status.failed = counts.failed;
  status.skipped = counts.skipped;
  status.cancelled = counts.cancelled;
  status.next_attempt = queue::next_attempt_of(db, campaign.id);
  status.causes = causes_of(db, campaign);
  return status;
}

}  // namespace todoku::campaign
