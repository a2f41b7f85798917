#include "audience/stop_policy.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <unordered_map>
#include <vector>

#include "audience/contact.h"
#include "audience/contact_queries.h"
#include "audience/outage.h"
#include "audience/stop_queries.h"
#include "audience/suppression.h"
#include "bounce/explanation.h"

namespace todoku::audience {
namespace {

using bounce::Effect;
using bounce::Reason;
using Action = Decision::Action;

bool is_delivery(const Event& event) { return event.reason == Reason::delivered; }

store::Value id_or_null(base::CampaignId id) { return id ? store::Value(id) : store::Value(store::Null{}); }

/// Of a contact that a group's errors are about.
struct Trouble {
  State state = State::active;
  std::string address_key;
  struct Kind {
    ErrorCount count;
    base::Time at;
    bool changed = false;
  };
  std::map<Reason, Kind> kinds;

  [[nodiscard]] bool mailed() const { return state == State::active || state == State::unconfirmed; }
};
using Troubles = std::unordered_map<base::ContactId, Trouble>;

/// One group of events on its way into the database.
class Group {
 public:
  Group(store::Connection& db, const StopRules& rules, std::span<const Event> events,
        const std::map<std::string, OutageId>& outages);
  void apply();

 private:
  [[nodiscard]] bool may_have_errors(std::span<const std::int64_t> contacts);
  void load();
  void apply(const Event& event, Trouble& trouble);
  void stop(const Event& event, std::int64_t errors, Trouble& trouble);
  void unsubscribe(const Event& event, Trouble& trouble);
  void store_counts();

  store::Connection& db_;
  const StopRules& rules_;
  std::span<const Event> events_;
  const std::map<std::string, OutageId>& outages_;  // open ones, by site
  std::map<base::CampaignId, std::vector<std::int64_t>> delivered_;
  std::vector<std::int64_t> failed_;
  Troubles troubles_;
};

Group::Group(store::Connection& db, const StopRules& rules, std::span<const Event> events,
             const std::map<std::string, OutageId>& outages)
    : db_(db), rules_(rules), events_(events), outages_(outages) {
  for (const auto& event : events) {
    const auto action = decide(rules, {}, event).action;
    if (action == Action::reset) delivered_[event.campaign].push_back(event.contact.value);
    if (action != Action::reset && action != Action::nothing) failed_.push_back(event.contact.value);
  }
}

void Group::apply() {
  if (!failed_.empty()) load();
  for (const auto& [campaign, contacts] : delivered_) {
    if (may_have_errors(contacts)) db_.execute(kClearErrors, {store::Integers{contacts}, campaign});
  }
  if (troubles_.empty()) return;
  for (const auto& event : events_) {
    if (const auto found = troubles_.find(event.contact); found != troubles_.end()) apply(event, found->second);
  }
  store_counts();
}

/// Asked before the statement that has a list to read. Those sent to at one time lie close together.
bool Group::may_have_errors(std::span<const std::int64_t> contacts) {
  const auto [first, last] = std::ranges::minmax(contacts);
  return db_.query_integer(kAnyErrorsBetween, {first, last}).has_value();
}

void Group::load() {
  const store::Value ids = store::Integers{failed_};
  {
    auto rows = db_.query(kStateOfContacts, {ids});
    while (rows.next()) {
      auto& trouble = troubles_[base::ContactId{rows.integer(0)}];
      trouble.state = state_of(rows.text(1)).value_or(State::suppressed);
      trouble.address_key = rows.text(2);
    }
  }
  auto rows = db_.query(kErrorsOfContacts, {ids});
  while (rows.next()) {
    const auto found = troubles_.find(base::ContactId{rows.integer(0)});
    const auto kind = bounce::reason_of(rows.text(1));
    if (found == troubles_.end() || !kind) continue;
    ErrorCount& count = found->second.kinds[*kind].count;
    count = {rows.integer(2), base::CampaignId{rows.integer(3)}, std::nullopt, base::from_stored(rows.integer(5))};
    if (!rows.is_null(4)) count.cleared_by = base::CampaignId{rows.integer(4)};
  }
}

void Group::apply(const Event& event, Trouble& trouble) {
  const auto present = trouble.kinds.find(event.reason);
  const ErrorCount before = present == trouble.kinds.end() ? ErrorCount{} : present->second.count;
  const auto decision = decide(rules_, before, event);
  switch (decision.action) {
    case Action::nothing:
      return;
    case Action::reset:
      // The statement for all deliveries cleared the stored ones; this is for what the group itself counted.
      for (auto& [reason, kind] : trouble.kinds) {
        if (!kind.count.cleared_by) kind.count.cleared_by = event.campaign;
      }
      return;
    case Action::unsubscribe:
      return unsubscribe(event, trouble);
    case Action::count:
    case Action::stop:
      break;
  }
  if (const auto outage = outages_.find(event.site); outage != outages_.end()) {
    if (decision.action == Action::stop && trouble.mailed())
      hold_stop(db_, outage->second, event, to_string(trouble.state), rules_);
    return;
  }
  if (decision.action == Action::stop) stop(event, decision.errors, trouble);
  trouble.kinds[event.reason] = {with_error(before, event), event.at, true};
}

void Group::stop(const Event& event, std::int64_t errors, Trouble& trouble) {
  if (!trouble.mailed()) return;
  const std::string rule = rule_text(rules_.of(event.reason, {event.site, event.provider}));
  db_.execute(kAddStop, {event.contact, bounce::to_string(event.reason), errors, id_or_null(event.campaign),
                         event.reply, to_string(trouble.state), event.at, event.site, rule, rules_.version});
  db_.execute(kSetState, {event.contact, to_string(State::stopped), event.at});
  trouble.state = State::stopped;
}

void Group::unsubscribe(const Event& event, Trouble& trouble) {
  suppress(db_, trouble.address_key, {.reason = std::string(kComplaint), .note = event.reply, .at = event.at});
  if (trouble.state == State::suppressed) return;
  db_.execute(kSetState, {event.contact, to_string(State::unsubscribed), event.at});
  trouble.state = State::unsubscribed;
}

void Group::store_counts() {
  for (const auto& [contact, trouble] : troubles_) {
    for (const auto& [reason, kind] : trouble.kinds) {
      if (!kind.changed) continue;
      db_.execute(kSetErrors, {contact, bounce::to_string(reason), kind.count.errors, id_or_null(kind.count.campaign),
                               kind.at, store::Value(kind.count.cleared_by), kind.count.first_at});
    }
  }
}

}  // namespace

ErrorCount with_error(const ErrorCount& count, const Event& event) {
  const bool in_a_row = count.errors > 0 && (!count.cleared_by || *count.cleared_by == event.campaign);
  if (!in_a_row) return {1, event.campaign, std::nullopt, event.at};
  return {count.errors + 1, event.campaign, std::nullopt, std::min(count.first_at, event.at)};
}

Decision decide(const StopRules& rules, const ErrorCount& count, const Event& event) {
  if (is_delivery(event)) return {Action::reset};
  if (event.effect == Effect::unsubscribe) return event.proven ? Decision{Action::unsubscribe} : Decision{};
  // A dead address that the server only hinted at with a code of the temporary kind is none.
  if (event.effect != bounce::effect_of(event.reason) || !event.permanent) return {};
  const Receiver receiver{event.site, event.provider};
  const StopRule rule = rules.of(event.reason, receiver);
  if (rule.errors == 0) return {};
  const std::int64_t limit =
      event.proven ? rule.errors : std::max(rule.errors, rules.of(Reason::mailbox_full, receiver).errors);
  if (event.campaign && event.campaign == count.campaign) return {};
  const ErrorCount now = with_error(count, event);
  const bool met = now.errors >= limit && event.at - now.first_at >= std::chrono::days(rule.days);
  return {met ? Action::stop : Action::count, now.errors};
}

StopPolicy::StopPolicy(StopLimits defaults) : rules_(defaults), guard_(std::make_unique<OutageGuard>()) {}
StopPolicy::~StopPolicy() = default;
StopPolicy::StopPolicy(StopPolicy&&) noexcept = default;

std::vector<std::string> StopPolicy::record(store::Connection& db, std::span<const Event> events) {
  const auto outages = guard_->watch(db, events);
  Group(db, rules_.look(db), events, outages).apply();
  std::vector<std::string> sites;
  sites.reserve(outages.size());
  for (const auto& [site, outage] : outages) sites.push_back(site);
  return sites;
}

void StopPolicy::opened(store::Connection& db, std::span<const Opening> openings) {
  std::unordered_map<base::ContactId, const Opening*> last;
  std::vector<std::int64_t> contacts;
  for (const Opening& opening : openings) {
    const Opening*& known = last[opening.contact];
    if (known == nullptr) contacts.push_back(opening.contact.value);
    if (known == nullptr || known->at < opening.at) known = &opening;
  }
  if (contacts.empty()) return;
  const StopRules& rules = rules_.look(db);
  std::vector<std::pair<base::ContactId, std::string>> reset;
  {
    store::Rows rows = db.query(kErrorTimes, {store::Integers{contacts}});
    while (rows.next()) {
      const Opening& opening = *last.at(base::ContactId{rows.integer(0)});
      const auto kind = bounce::reason_of(rows.text(1));
      if (!kind || rows.integer(2) > base::to_stored(opening.at)) continue;
      if (rules.of(*kind, {opening.site, opening.provider}).reset_on_open) {
        reset.emplace_back(opening.contact, std::string(rows.text(1)));
      }
    }
  }
  for (const auto& [contact, kind] : reset) db.execute(kForgetKind, {contact, kind});
}

}  // namespace todoku::audience
