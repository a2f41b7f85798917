#include "delivery/shard.h"

#include <algorithm>

#include "base/log.h"
#include "delivery/connection.h"
#include "delivery/judgement.h"
#include "delivery/observer.h"
#include "delivery/outcome_log.h"

namespace todoku::delivery {
namespace {

constexpr base::Duration kPatience{10'000};  // what cannot be sent within it does not wait in memory
constexpr double kEnough = 2000;             // recipients of a lane in memory, however slow it is
constexpr base::Duration kLongestSleep{60'000};
constexpr int kRoutesAtOnce = 512;           // look-ups: of more at once, the last would be over their time
constexpr std::size_t kOpeningsAPlace = 20;  // that may have left

}  // namespace

Shard::Shard(const Surroundings& around, std::function<void(Work&)> done)
    : around_(around),
      done_(std::move(done)),
      openings_(around.options.opens_soon, kOpeningsAPlace * static_cast<std::size_t>(around.options.connections)) {}

void Shard::add(std::shared_ptr<Work> work) {
  load_ += static_cast<std::int64_t>(work->waiting());
  if (work->done()) return done_(*work);
  Lane& lane = lane_of(work->batch().site);
  lane.add(std::move(work));
  touch(lane);
}

Lane& Shard::lane_of(const std::string& site) {
  std::unique_ptr<Lane>& lane = lanes_[site];
  if (!lane) {
    lane = std::make_unique<Lane>(site);
    lane->limit = around_.options.connections;
  }
  return *lane;
}

void Shard::withdraw(base::CampaignId campaign) {
  for (const auto& [site, lane] : lanes_) {
    for (const std::shared_ptr<Work>& work : lane->works()) {
      if (campaign && work->batch().campaign != campaign) continue;
      withdraw(*work);
    }
  }
  if (campaign) return;
  wakes_.clear();  // the engine ends: nobody waits for a time any more
  if (alarm_) alarm_->set();
}

void Shard::withdraw(Work& work) {
  load_ -= static_cast<std::int64_t>(work.waiting());
  work.withdraw();
  if (work.done()) done_(work);
}

void Shard::rest(const std::string& site, base::Time until) {
  postponed_.add(site, until);
  const auto lane = lanes_.find(site);
  if (lane == lanes_.end()) return;
  const auto works = lane->second->works();  // a copy: withdrawing may forget them
  for (const std::shared_ptr<Work>& work : works) {
    if (!work->withdrawn()) withdraw(*work);
  }
  touch(*lane->second);
}

void Shard::note(Lane& lane) {
  if (lane.touched) return;
  lane.touched = true;
  touched_.push_back(&lane);
}

void Shard::touch(Lane& lane) {
  note(lane);
  look();
}

void Shard::due(Receiver& receiver) {
  if (receiver.due) return;
  receiver.due = true;
  due_.push_back(&receiver);
}

void Shard::look() {
  if (looking_) return;
  looking_ = true;
  while (!touched_.empty() || !due_.empty()) {
    if (!touched_.empty()) {
      Lane& next = *touched_.front();
      touched_.pop_front();
      next.touched = false;
      look_at(next);
      continue;
    }
    Receiver& next = *due_.front();
    due_.pop_front();
    next.due = false;
    serve(next);
  }
  looking_ = false;
}

/// Starts what the lane lacks, or forgets it.
void Shard::look_at(Lane& lane) {
  if (lane.waiting() == 0) {
    const bool idle = lane.connections == 0 && lane.routing != Lane::Routing::under_way && !lane.queued;
    if (idle && !lane.touched) forget(lane);
    return;
  }
  if (lane.routing == Lane::Routing::unknown) return find_route(lane);
  if (lane.routing == Lane::Routing::under_way) return;
  Receiver& receiver = *lane.receiver;
  shed(receiver, lane);
  if (!lane.queued && lane.wants_connection()) {
    lane.queued = true;
    receiver.waiting.push_back(&lane);
  }
  due(receiver);
}

void Shard::forget(Lane& lane) {
  Receiver* receiver = lane.receiver;
  lanes_.erase(std::string(lane.site()));
  if (receiver == nullptr) return;
  --receiver->lanes;
  forget(*receiver);
}

/// Unless there is something to remember.
void Shard::forget(Receiver& receiver) {
  if (receiver.lanes > 0 || receiver.due || receiver.starved) return;
  const base::Time now = around_.clock.now();
  if (!receiver.shape.forgettable(now) || receiver.refusals.any(now)) return;
  if (Allotment* allotment = receiver.shape.allotment()) {
    if (allotment->asking()) return;  // the answer comes first
    allotment->give_up(given_up_);
  }
  receivers_.erase(std::string(receiver.name()));
}

Receiver& Shard::receiver_of(const Lane& lane) {
  const Allowances& all = around_.options.allowances;
  std::string name = lane.route.receiver;
  if (name.empty()) {
    const auto& targets = lane.route.targets;
    name = delivery::receiver_of(all.providers(), lane.site(), targets.empty() ? "" : targets.front().host);
  }
  std::unique_ptr<Receiver>& receiver = receivers_[name];
  if (!receiver) {
    receiver = std::make_unique<Receiver>(all.of(name), around_.options.sources, around_.options.retry,
                                          around_.options.observer);
    if (around_.shares) begin_sharing(*receiver);
  }
  return *receiver;
}

void Shard::serve(Receiver& receiver) {
  while (!receiver.waiting.empty() && serve_one(receiver)) {
  }
  forget(receiver);
}

/// The first lane's turn. False: nothing more may be opened now.
bool Shard::serve_one(Receiver& receiver) {
  Lane& lane = *receiver.waiting.front();
  if (!lane.wants_connection()) {
    receiver.waiting.pop_front();
    lane.queued = false;
    note(lane);
    return true;
  }
  if (places_taken() >= around_.options.connections) {
    if (!receiver.starved) starved_.push_back(&receiver);
    receiver.starved = true;
    return false;
  }
  const base::Time now = around_.clock.now();
  const Shape::Opening opening = receiver.shape.connect(now);
  if (!opening.granted) {
    if (opening.again <= now + kPatience || receiver.shape.connections() > 0) {
      wake_later(receiver, opening.again);
      return false;
    }
    receiver.waiting.pop_front();
    lane.queued = false;
    postpone(receiver, lane, opening.again);
    return true;
  }
  receiver.waiting.pop_front();
  connect(lane, opening.source);
  lane.queued = lane.wants_connection();
  if (lane.queued) receiver.waiting.push_back(&lane);
  return true;
}

void Shard::postpone(Receiver& receiver, Lane& lane, base::Time until) {
  const base::Time now = around_.clock.now();
  for (const std::shared_ptr<Work>& work : lane.works()) {
    const base::Time expiry = receiver.expiry(work->batch());
    if (expiry <= now) return give_up(lane, receiver.trouble);  // final for those who expired, deferred for the others
    until = std::min(until, expiry);
  }
  base::log::info("postponed", {{"site", lane.site()}, {"receiver", receiver.name()}, {"mails", lane.waiting()}});
  postponed_.add(lane.site(), until);
  const auto works = lane.works();  // a copy: withdrawing may forget them
  for (const std::shared_ptr<Work>& work : works) {
    if (!work->withdrawn()) withdraw(*work);
  }
  note(lane);
}

/// A slow receiver's batches wait in the queue rather than here, where others need the room.
void Shard::shed(Receiver& receiver, Lane& lane) {
  const double speed = receiver.shape.speed();
  if (speed == 0 || lane.works().size() < 2) return;
  const double enough = std::max(kEnough, speed * static_cast<double>(kPatience.count()) / 1000);
  bool shed = false;
  while (lane.works().size() > 1 && static_cast<double>(lane.waiting()) > enough) {
    const std::shared_ptr<Work> work = lane.drop_last();
    if (!work->withdrawn()) withdraw(*work);
    shed = true;
  }
  if (shed) postponed_.add(lane.site(), around_.clock.now() + kPatience / 2);
}

void Shard::connect(Lane& lane, std::size_t source) {
  ++lane.connections;
  ++connections_;
  const Openings::Ticket opening = openings_.begin(Openings::Clock::now());
  around_.runtime.spawn_on(0, Connection::run(this, &lane, source, opening, Running(tasks_)));
  if (std::exchange(watching_openings_, true)) return;
  around_.runtime.spawn_on(0, watch_openings(this, Running(tasks_)));
}

net::Task<> Shard::watch_openings(Shard* shard, Running /*running*/) {
  while (shard->openings_.under_way() > 0 && co_await net::sleep(shard->around_.options.opens_soon / 4)) {
    for (auto free = shard->openings_.look(Openings::Clock::now()); free > 0; --free) shard->place_is_free();
    shard->look();
  }
  shard->watching_openings_ = false;
}

void Shard::place_is_free() {
  if (starved_.empty()) return;
  Receiver& next = *starved_.front();
  starved_.pop_front();
  next.starved = false;
  due(next);
}

void Shard::connection_ended(Lane& lane) {
  --lane.connections;
  --connections_;
  note(lane);
  place_is_free();  // before our own: they have waited longer
  due(*lane.receiver);
  look();  // last: a lane without work is forgotten here
}

void Shard::wake_later(Receiver& receiver, base::Time at) {
  if (!wakes_.add(receiver.name(), at)) return;
  if (alarm_) return alarm_->set();
  alarm_.emplace();
  around_.runtime.spawn_on(0, wake(this, Running(tasks_)));
}

net::Task<> Shard::wake(Shard* shard, Running /*running*/) {
  while (const std::optional<base::Time> at = shard->wakes_.first()) {
    const base::Time now = shard->around_.clock.now();
    if (*at > now) {
      shard->alarm_.emplace();
      const net::Signal alarm = *shard->alarm_;
      (void)co_await alarm.wait(std::min(*at - now, kLongestSleep));
      if (shard->around_.runtime.closing()) break;
      continue;
    }
    const auto found = shard->receivers_.find(*shard->wakes_.take(now));
    if (found == shard->receivers_.end()) continue;
    shard->due(*found->second);
    shard->look();
  }
  shard->alarm_.reset();
}

void Shard::find_route(Lane& lane) {
  lane.routing = Lane::Routing::under_way;
  unrouted_.push_back(&lane);
  find_routes();
}

void Shard::find_routes() {
  if (finding_routes_) return;
  finding_routes_ = true;
  while (!unrouted_.empty() && routes_under_way_ < kRoutesAtOnce) {
    Lane& lane = *unrouted_.front();
    unrouted_.pop_front();
    if (lane.waiting() == 0) {  // withdrawn meanwhile
      lane.routing = Lane::Routing::unknown;
      note(lane);
      continue;
    }
    ++routes_under_way_;
    around_.runtime.spawn_on(0, route(this, &lane, Running(tasks_)));
  }
  finding_routes_ = false;
}

net::Task<> Shard::route(Shard* shard, Lane* lane, Running /*running*/) {
  lane->route = co_await shard->around_.router.route(lane->site());
  --shard->routes_under_way_;
  lane->routing = Lane::Routing::known;
  if (lane->receiver == nullptr) {
    lane->receiver = &shard->receiver_of(*lane);
    ++lane->receiver->lanes;
  }
  if (const auto& problem = lane->route.problem) {
    Attempt attempt;
    attempt.site = lane->site();
    shard->give_up(*lane, judge(attempt, problem->reason, problem->final, problem->text));
    lane->routing = Lane::Routing::unknown;  // later work looks again
  }
  shard->note(*lane);
  shard->find_routes();
  shard->look();  // last: a lane without work is forgotten here
}

void Shard::give_up(Lane& lane, const queue::Outcome& like) {
  while (const std::optional<Turn> turn = lane.take()) {
    queue::Outcome outcome = like;
    outcome.campaign = turn->work->batch().campaign;
    outcome.contact = turn->contact;
    outcome.attempt = turn->work->batch().attempt;
    outcome.at = around_.clock.now();
    outcome.site = lane.site();
    settle(lane, *turn, std::move(outcome));
  }
}

net::Signal Shard::settle(const Lane& lane, const Turn& turn, queue::Outcome outcome) {
  const queue::Batch& batch = turn.work->batch();
  std::optional<base::Time> again;
  if (outcome.result == queue::Result::deferred) {
    again = lane.receiver->next_attempt(batch, outcome);
    if (!again) expire(outcome);
  }
  outcome.batch = batch.id;
  outcome.at = around_.wall.now();
  if (around_.options.observer != nullptr) {
    around_.options.observer->outcome(lane.receiver != nullptr ? lane.receiver->name() : lane.site(), outcome);
  }
  if (around_.log_outcomes) log_outcome(lane.receiver != nullptr ? lane.receiver->name() : "", outcome);
  net::Signal durable =
      around_.recorder.record(std::move(outcome), connections_ - static_cast<int>(openings_.under_way()));
  turn.work->settle(turn.contact, again);
  --load_;
  sweep(*turn.work);
  return durable;
}

void Shard::put_back(const Turn& turn) {
  turn.work->put_back();
  --load_;
  sweep(*turn.work);
}

void Shard::sweep(Work& work) {
  if (work.done()) done_(work);
}

}  // namespace todoku::delivery
