#include "delivery/shard.h"

#include <algorithm>

#include "delivery/connection.h"
#include "delivery/judgement.h"

namespace todoku::delivery {

Shard::Shard(const Surroundings& around, std::function<void(Work&)> done) : around_(around), done_(std::move(done)) {}

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
    lane->limit = around_.options.connections_per_site;
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
}

void Shard::withdraw(Work& work) {
  load_ -= static_cast<std::int64_t>(work.waiting());
  work.withdraw();
  if (work.done()) done_(work);
}

void Shard::note(Lane& lane) {
  if (lane.touched) return;
  lane.touched = true;
  touched_.push_back(&lane);
}

void Shard::touch(Lane& lane) {
  note(lane);
  if (looking_) return;
  looking_ = true;
  while (!touched_.empty()) {
    Lane& next = *touched_.front();
    touched_.pop_front();
    next.touched = false;
    look_at(next);
  }
  looking_ = false;
}

/// Starts what the lane lacks, or forgets it.
void Shard::look_at(Lane& lane) {
  const auto waiting = static_cast<std::int64_t>(lane.waiting());
  if (waiting == 0) {
    const bool idle = lane.connections == 0 && lane.routing != Lane::Routing::under_way && !lane.starved;
    if (idle && !lane.touched) lanes_.erase(std::string(lane.site()));
    return;
  }
  if (lane.routing == Lane::Routing::unknown) return find_route(lane);
  if (lane.routing == Lane::Routing::under_way) return;
  for (auto open = lane.connections; open < lane.limit && open < waiting; ++open) {
    if (connections_ >= around_.options.connections) {
      if (!lane.starved) starved_.push_back(&lane);
      lane.starved = true;
      return;
    }
    connect(lane);
  }
}

void Shard::connect(Lane& lane) {
  ++lane.connections;
  ++connections_;
  around_.runtime.spawn_on(0, Connection::run(this, &lane, Running(tasks_)));
}

void Shard::connection_ended(Lane& lane) {
  --lane.connections;
  --connections_;
  if (!starved_.empty()) {
    Lane& next = *starved_.front();
    starved_.pop_front();
    next.starved = false;
    note(next);
  }
  touch(lane);  // last: a lane without work is forgotten here
}

void Shard::find_route(Lane& lane) {
  lane.routing = Lane::Routing::under_way;
  around_.runtime.spawn_on(0, route(this, &lane, Running(tasks_)));
}

net::Task<> Shard::route(Shard* shard, Lane* lane, Running /*running*/) {
  lane->route = co_await shard->around_.router.route(lane->site());
  lane->routing = Lane::Routing::known;
  if (const auto& problem = lane->route.problem) {
    Attempt attempt;
    attempt.site = lane->site();
    shard->give_up(*lane, judge(attempt, problem->reason, problem->final, problem->text));
    lane->routing = Lane::Routing::unknown;  // later work looks again
  }
  shard->touch(*lane);
}

void Shard::give_up(Lane& lane, const queue::Outcome& like) {
  while (const std::optional<Turn> turn = lane.take()) {
    queue::Outcome outcome = like;
    outcome.campaign = turn->work->batch().campaign;
    outcome.contact = turn->contact;
    outcome.attempt = turn->work->batch().attempt;
    outcome.at = around_.clock.now();
    settle(*turn, std::move(outcome));
  }
}

net::Signal Shard::settle(const Turn& turn, queue::Outcome outcome) {
  const queue::Batch& batch = turn.work->batch();
  std::optional<base::Time> again;
  if (outcome.result == queue::Result::deferred) {
    again = queue::next_attempt(around_.options.retry, batch, outcome.at, outcome.reason);
    if (!again) expire(outcome);
  }
  outcome.batch = batch.id;
  net::Signal durable = around_.recorder.record(std::move(outcome));
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
