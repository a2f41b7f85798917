#include "app/policy_simulation.h"

#include <algorithm>
#include <map>
#include <vector>

#include "app/intake_events.h"
#include "app/outcome_events.h"
#include "bounce/diagnosis.h"
#include "intake/history.h"
#include "queue/history.h"

namespace todoku::app {
namespace {

using audience::Event;

constexpr std::int64_t kFewest = 500, kMost = 100'000, kFirst = 2'000;  // contacts of a slice

/// Something that happened to a contact. Deliveries are most of all, so they are kept small.
struct Step {
  enum class What : std::uint8_t { delivery, failure, release };
  std::int64_t contact;
  base::Time at;
  What what = What::delivery;
  base::CampaignId campaign;  // of a delivery
  std::size_t failure = 0;    // its number

  friend bool operator<(const Step& a, const Step& b) {
    return std::tie(a.contact, a.at, a.what) < std::tie(b.contact, b.at, b.what);
  }
};

/// The history of the contacts of one slice, in order of contact and time.
class Slice {
 public:
  Slice(store::Connection& db, const std::vector<std::int64_t>& contacts);
  void replay(store::Connection& db, const audience::StopRules& rules, const audience::OutageTimes& outages,
              const std::function<void(const SimulatedReader&)>& use) const;
  [[nodiscard]] std::size_t size() const { return steps_.size(); }

 private:
  void add(std::optional<Event> event);
  [[nodiscard]] std::optional<audience::ReplayedStop> stop_of(std::span<const Step> steps,
                                                              audience::ContactReplay replay) const;

  std::vector<Step> steps_;
  std::vector<Event> failures_;
  std::map<std::int64_t, audience::PastStop> first_stops_;
};

Slice::Slice(store::Connection& db, const std::vector<std::int64_t>& contacts) {
  queue::each_failure(db, contacts, [this](const queue::Outcome& outcome) { add(event_of(outcome)); });
  intake::each_finding(db, contacts, [this](const intake::Finding& finding) { add(event_of(finding)); });
  queue::each_delivery(db, contacts, [this](const queue::Delivery& delivery) {
    steps_.push_back({delivery.contact.value, delivery.at, Step::What::delivery, delivery.campaign});
  });
  for (const audience::PastStop& stop : audience::past_stops(db, contacts)) {
    first_stops_.emplace(stop.contact.value, stop);
    if (stop.released_at) steps_.push_back({stop.contact.value, *stop.released_at, Step::What::release, {}});
  }
  std::ranges::sort(steps_, std::less<>());
}

void Slice::add(std::optional<Event> event) {
  if (!event) return;
  event->reply.clear();
  if (event->reason == bounce::Reason::delivered) {
    steps_.push_back({event->contact.value, event->at, Step::What::delivery, event->campaign});
    return;
  }
  steps_.push_back({event->contact.value, event->at, Step::What::failure, {}, failures_.size()});
  failures_.push_back(*std::move(event));
}

std::optional<audience::ReplayedStop> Slice::stop_of(std::span<const Step> steps,
                                                     audience::ContactReplay replay) const {
  for (const Step& step : steps) {
    if (step.what == Step::What::release) {
      replay.release();
    } else if (step.what == Step::What::failure) {
      replay.take(failures_[step.failure]);
    } else {
      Event delivery;
      delivery.campaign = step.campaign;
      delivery.at = step.at;
      delivery.reason = bounce::Reason::delivered;
      replay.take(delivery);
    }
  }
  return replay.stop();
}

void Slice::replay(store::Connection& db, const audience::StopRules& rules, const audience::OutageTimes& outages,
                   const std::function<void(const SimulatedReader&)>& use) const {
  std::map<std::int64_t, audience::ReplayedStop> would;
  std::vector<base::ContactId> ids;
  for (auto begin = steps_.begin(); begin != steps_.end();) {
    const auto end =
        std::find_if(begin, steps_.end(), [&](const Step& step) { return step.contact != begin->contact; });
    if (auto stop = stop_of({begin, end}, {rules, outages})) would.emplace(begin->contact, *std::move(stop));
    if (would.contains(begin->contact) || first_stops_.contains(begin->contact)) ids.push_back({begin->contact});
    begin = end;
  }
  for (const audience::Contact& contact : audience::find_contacts(db, ids)) {
    SimulatedReader reader{contact, {}, {}};
    if (const auto found = would.find(contact.id.value); found != would.end()) reader.would = found->second;
    if (const auto found = first_stops_.find(contact.id.value); found != first_stops_.end()) reader.did = found->second;
    use(reader);
  }
}

/// The next contacts that something went wrong with.
std::vector<std::int64_t> next_contacts(store::Connection& db, base::ContactId after, std::int64_t limit) {
  auto contacts = queue::contacts_with_failures(db, after, limit);
  const auto noticed = intake::contacts_with_notices(db, after, limit);
  contacts.insert(contacts.end(), noticed.begin(), noticed.end());
  std::ranges::sort(contacts);
  contacts.erase(std::ranges::unique(contacts).begin(), contacts.end());
  if (static_cast<std::int64_t>(contacts.size()) > limit) contacts.resize(static_cast<std::size_t>(limit));
  return contacts;
}

}  // namespace

SimulatedEvents simulate_policy(store::Store& store, const audience::StopRules& rules,
                                const std::function<void(const SimulatedReader&)>& use, std::size_t slice) {
  SimulatedEvents all;
  const store::Lease db = store.read();
  const audience::OutageTimes outages = audience::past_outages(*db);
  base::ContactId after;
  const auto most = static_cast<std::int64_t>(slice);
  for (std::int64_t limit = std::min(kFirst, most);;) {
    const auto contacts = next_contacts(*db, after, limit);
    if (contacts.empty()) return all;
    after = base::ContactId{contacts.back()};
    const Slice history(*db, contacts);
    history.replay(*db, rules, outages, use);
    all.events += static_cast<std::int64_t>(history.size());
    all.readers += static_cast<std::int64_t>(contacts.size());
    const auto each = std::max<std::size_t>(history.size() / contacts.size(), 1);
    limit = std::clamp(most / static_cast<std::int64_t>(each), std::min(kFewest, most), kMost);
  }
}

}  // namespace todoku::app
