#include "audience/policy_replay.h"

#include <algorithm>

#include "audience/outage_queries.h"

namespace todoku::audience {

using Action = Decision::Action;

void OutageTimes::add(std::string site, base::Time from, std::optional<base::Time> until) {
  times_.emplace(std::move(site), std::pair(from, until.value_or(base::Time::max())));
}

bool OutageTimes::hold(const std::string& site, base::Time at) const {
  const auto [first, last] = times_.equal_range(site);
  return std::any_of(first, last,
                     [at](const auto& time) { return at >= time.second.first && at < time.second.second; });
}

OutageTimes past_outages(store::Connection& db) {
  OutageTimes times;
  store::Rows rows = db.query(kPastOutages);
  while (rows.next()) {
    const auto ended = rows.is_null(2) ? std::nullopt : std::optional(base::from_stored(rows.integer(2)));
    times.add(std::string(rows.text(0)), base::from_stored(rows.integer(1)), ended);
  }
  return times;
}

void ContactReplay::take(const Event& event) {
  if (refused_) return;
  const Decision decision = decide(rules_, counts_[event.reason], event);
  switch (decision.action) {
    case Action::nothing:
      return;
    case Action::reset:
      for (auto& [reason, count] : counts_) {
        if (!count.cleared_by) count.cleared_by = event.campaign;
      }
      return;
    case Action::unsubscribe:
      refused_ = true;
      return;
    case Action::count:
    case Action::stop:
      break;
  }
  if (outages_.hold(event.site, event.at)) return;
  ErrorCount& count = counts_[event.reason];
  count = with_error(count, event);
  if (decision.action != Action::stop || stopped_) return;
  stopped_ = true;
  if (stop_) return;
  stop_ = {event.reason, event.at, decision.errors, rule_text(rules_.of(event.reason, {event.site, event.provider}))};
}

void ContactReplay::release() {
  counts_.clear();
  stopped_ = false;
}

}  // namespace todoku::audience
