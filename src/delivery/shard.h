// The deliveries of one I/O thread: its lanes, and the connections that serve them.
//
// Everything here runs on that thread; the engine hands work in through add(). A connection takes the next recipient of
// its lane only when the outcome of the last one is on disk.
//
// Connections are given out by receiver: each asks its Shape, and the lanes of one receiver take turns. What may not be
// sent for a while goes back to the queue, so that it fills neither connections nor memory; postponed() tells the
// engine what not to claim meanwhile. One timer for all receivers wakes those whose time has come.
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "bounce/rules.h"
#include "cluster/ledger.h"
#include "delivery/lane.h"
#include "delivery/openings.h"
#include "delivery/options.h"
#include "delivery/postponed.h"
#include "delivery/receiver.h"
#include "delivery/recorder.h"
#include "delivery/route.h"
#include "delivery/running.h"
#include "delivery/wake_list.h"
#include "delivery/warm_up_accounts.h"
#include "net/runtime.h"
#include "net/signal.h"

namespace todoku::delivery {

class TlsResults;

/// What all shards share; lives longer than they do.
struct Surroundings {
  net::Runtime& runtime;
  Router& router;
  const bounce::Rules& rules;
  Recorder& recorder;
  const base::Clock& clock;  // that nobody sets
  const base::Clock& wall;   // the true time, which may jump
  const Options& options;
  TlsResults* tls_results;    // may be null
  bool shares = false;        // limits are shared with other nodes
  bool log_outcomes = false;  // a line for each, at level info
};

class Shard {
 public:
  /// `done` is called with each work that is over; more than once is possible.
  Shard(const Surroundings& around, std::function<void(Work&)> done);

  void add(std::shared_ptr<Work> work);
  /// Nobody more of this campaign (0: of any) is served; mails under way end.
  void withdraw(base::CampaignId campaign);

  /// The same for one batch.
  void withdraw(Work& work);

  /// The same for one site, whose batches are not claimed until then.
  void rest(const std::string& site, base::Time until);

  /// Sites that may not be sent to now: their batches are not to be claimed.
  [[nodiscard]] std::vector<std::string> postponed(base::Time now) { return postponed_.sites(now); }

  /// What is told and asked of the other nodes, where limits are shared.
  struct Question {
    cluster::Request request;
    std::vector<std::string> receivers;  // whose lines those of the request are, in this order; then lines given up
  };
  /// A receiver waits for its part of the limits.
  [[nodiscard]] bool lacks_parts(base::Time now) const;
  /// Of all receivers, or of those that lack parts; each question is followed by hear() or missed().
  [[nodiscard]] Question ask_for_parts(base::Time now, bool all);
  void hear(const Question& question, const cluster::Reply& reply, const std::string& own_node, base::Duration lease);
  void missed(const Question& question);

  /// What is said to the accounts of addresses that are being warmed up.
  struct WarmUpQuestion {
    std::vector<WarmUpLine> lines;
    std::vector<std::size_t> sources;  // as the lines: the address' place in its receiver's pool
  };
  [[nodiscard]] bool lacks_warm_ups(base::Time now) const;
  /// Of all receivers, or of those that wait for it; each question with lines is followed by hear() or missed().
  [[nodiscard]] WarmUpQuestion ask_for_warm_ups(base::Time now, bool all);
  void hear(const WarmUpQuestion& question, std::span<const WarmUpShare::Answer> answers);
  void missed(const WarmUpQuestion& question);
  /// What is left, given back; after the last mail.
  [[nodiscard]] WarmUpQuestion give_up_warm_ups();

  /// Recipients handed in and not settled; from any thread.
  [[nodiscard]] std::int64_t load() const { return load_; }
  [[nodiscard]] int connections() const { return connections_; }
  /// Receivers wait for a connection while all are taken.
  [[nodiscard]] bool starving() const { return !starved_.empty(); }
  /// Coroutines that still use the shard; from any thread.
  [[nodiscard]] int tasks() const { return tasks_; }

 private:
  friend class Connection;

  Lane& lane_of(const std::string& site);
  /// Something changed for this lane: it is looked at, now or when the look under way is over.
  void touch(Lane& lane);
  void note(Lane& lane);
  void due(Receiver& receiver);  // likewise
  void look();
  void look_at(Lane& lane);
  Receiver& receiver_of(const Lane& lane);
  void forget(Lane& lane);
  void forget(Receiver& receiver);
  void begin_sharing(Receiver& receiver);
  void hear_rests(const cluster::Reply& reply, const std::string& own_node);
  [[nodiscard]] std::unordered_map<const Receiver*, std::int64_t> waiting_by_receiver() const;
  /// Gives connections to the lanes that wait, as far as they are allowed.
  void serve(Receiver& receiver);
  [[nodiscard]] bool serve_one(Receiver& receiver);
  /// Gives back to the queue what cannot be sent in the next seconds.
  void postpone(Receiver& receiver, Lane& lane, base::Time until);
  void shed(Receiver& receiver, Lane& lane);
  void connect(Lane& lane, std::size_t source);
  /// Connections that take a place among those allowed.
  [[nodiscard]] int places_taken() const { return connections_ - static_cast<int>(openings_.left()); }
  static net::Task<> watch_openings(Shard* shard, Running running);
  /// Who has waited longest for a place may look again.
  void place_is_free();
  void connection_ended(Lane& lane);
  static net::Task<> wake(Shard* shard, Running running);
  void wake_later(Receiver& receiver, base::Time at);
  void find_route(Lane& lane);
  /// Of the lanes that wait for theirs, as many as may be looked up at once.
  void find_routes();
  static net::Task<> route(Shard* shard, Lane* lane, Running running);
  /// Everybody who waits in the lane gets this outcome.
  void give_up(Lane& lane, const queue::Outcome& like);
  /// Completes the outcome with retry time or expiry and the true time, records it, and settles the turn.
  net::Signal settle(const Lane& lane, const Turn& turn, queue::Outcome outcome);
  void put_back(const Turn& turn);
  void sweep(Work& work);

  const Surroundings& around_;
  std::function<void(Work&)> done_;
  std::unordered_map<std::string, std::unique_ptr<Lane>> lanes_;
  std::deque<Lane*> touched_;
  std::unordered_map<std::string, std::unique_ptr<Receiver>> receivers_;
  std::deque<Receiver*> due_;                             // to be served
  std::deque<Receiver*> starved_;                         // want a connection while all are taken
  std::vector<cluster::Line> given_up_;                   // of receivers that were forgotten
  std::unordered_map<std::string, cluster::Rest> rests_;  // that other nodes know of
  std::deque<Lane*> unrouted_;  // wait for a look-up; their routing is under way, so they are not forgotten
  int routes_under_way_ = 0;
  bool finding_routes_ = false;  // a look-up may end at once
  Openings openings_;
  bool watching_openings_ = false;
  WakeList wakes_;
  Postponed postponed_;
  std::optional<net::Signal> alarm_;  // while the timer runs: ends its sleep
  bool looking_ = false;              // a task that is started may run at once and touch lanes itself
  std::atomic<std::int64_t> load_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<int> tasks_ = 0;
};

}  // namespace todoku::delivery
