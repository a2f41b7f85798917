#include "delivery/engine.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <thread>

#include "base/log.h"
#include "delivery/observer.h"
#include "queue/outcomes.h"

namespace todoku::delivery {
namespace {

constexpr base::Duration kPoll{100};
constexpr base::Duration kPauseAfterFailure{1000};
constexpr int kBatchesAtOnce = 128;
constexpr base::Duration kExchange{1000};
constexpr base::Duration kLookAtParts{50};
constexpr int kLooksInALease = 12;

/// After a lease that was ended: final is final; who was deferred keeps the time of the next attempt, or, where there
/// is none any more, has the last one now. The outcome's time is another clock's, which may be ahead.
Work::Share share_of(const queue::Batch& batch, const queue::Progress& progress, const queue::RetrySchedule& schedule,
                     base::Time now) {
  Work::Share share;
  std::ranges::set_difference(batch.contacts, progress.final, std::back_inserter(share.contacts));
  for (const queue::Progress::Tried& tried : progress.deferred) {
    const auto again = queue::next_attempt(schedule, batch, std::min(tried.at, now), tried.reason);
    if (again) share.retries.push_back({tried.contact, *again});
  }
  std::erase_if(share.contacts, [&share](base::ContactId contact) {
    return std::ranges::binary_search(share.retries, contact, {}, &queue::Retry::contact);
  });
  return share;
}

/// The mails of each campaign's contacts, loaded together.
class Mails {
 public:
  explicit Mails(queue::MailSource& source) : source_(source) {}

  void want(base::CampaignId campaign, std::span<const base::ContactId> contacts) {
    auto& wanted = contacts_[campaign];
    wanted.insert(wanted.end(), contacts.begin(), contacts.end());
  }

  std::shared_ptr<queue::BatchMails> of(base::CampaignId campaign) {
    auto& mails = mails_[campaign];
    if (!mails) mails = source_.open(campaign, contacts_[campaign]);
    return mails;
  }

 private:
  queue::MailSource& source_;
  std::map<base::CampaignId, std::vector<base::ContactId>> contacts_;
  std::map<base::CampaignId, std::shared_ptr<queue::BatchMails>> mails_;  // shared by the batches claimed together
};

/// How much is got through, to know whether what is in hand lasts until the next look at the queue.
class Throughput {
 public:
  /// `settled`: mails since the start.
  void note(base::Time now, std::int64_t settled) {
    const base::Duration passed = now - at_;
    if (passed < kPoll) return;
    in_a_poll_ = (settled - settled_) * kPoll.count() / passed.count();
    at_ = now;
    settled_ = settled;
  }

  [[nodiscard]] bool lasts(std::int64_t waiting) const {
    return waiting >= std::max<std::int64_t>(kBatchesAtOnce, 2 * in_a_poll_);
  }

 private:
  base::Time at_{};
  std::int64_t settled_ = 0;
  std::int64_t in_a_poll_ = 0;
};

}  // namespace

Engine::Engine(const Parts& parts, Options options)
    : parts_(parts),
      options_(std::move(options)),
      recorder_(parts.store, parts.sink, parts.runtime),
      around_{parts.runtime,     parts.router,      parts.rules,
              recorder_,         parts_.clock,      parts.wall != nullptr ? *parts.wall : parts_.clock,
              options_,          parts.tls_results, parts.ledger != nullptr,
              parts.log_outcomes},
      shard_(around_, [this](const Work& work) { give_back(work); }),
      leases_(options_.lease) {}

Engine::~Engine() = default;

void Engine::start() {
  renewed_at_ = parts_.clock.now();
  parts_.runtime.spawn_on(0, dispatch(this, Running(tasks_)));
  if (parts_.ledger != nullptr) parts_.runtime.spawn_on(0, share(this, Running(tasks_)));
  if (warms_up()) parts_.runtime.spawn_on(0, warm_up(this, Running(tasks_)));
}

void Engine::withdraw(base::CampaignId campaign) {
  parts_.runtime.spawn_on(0, withdraw_on_thread(this, campaign, Running(tasks_)));
}

net::Task<> Engine::withdraw_on_thread(Engine* engine, base::CampaignId campaign, Running /*running*/) {
  engine->shard_.withdraw(campaign);
  co_return;
}

void Engine::rest(std::string site, base::Time until) {
  parts_.runtime.spawn_on(0, rest_on_thread(this, std::move(site), until, Running(tasks_)));
}

net::Task<> Engine::rest_on_thread(Engine* engine, std::string site, base::Time until, Running /*running*/) {
  engine->shard_.rest(site, until);
  co_return;
}

bool Engine::stop(base::Duration grace) {
  stopping_ = true;
  const auto deadline = std::chrono::steady_clock::now() + grace;
  while (tasks_ > 0 || shard_.tasks() > 0 || batches_ > 0 || !recorder_.idle()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    withdraw({});
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

/// What is urgent does not wait until bulk mail has left room; but its room has an end, too.
std::optional<Engine::Room> Engine::room() const {
  const std::int64_t bulk = options_.recipients_in_memory - shard_.load();
  if (recorder_.troubled() || bulk <= -options_.recipients_in_memory) return std::nullopt;
  if (bulk > 0) return Room{queue::Priority::bulk, bulk};
  return Room{queue::Priority::transactional, bulk + options_.recipients_in_memory};
}

/// A node that has enough to go on with leaves what is next to the others until its next look: else the first to see a
/// campaign of many small batches takes all of it, and the others stand by.
net::Task<> Engine::dispatch(Engine* engine, Running /*running*/) {
  const bool alone = engine->parts_.ledger == nullptr;
  Throughput throughput;
  bool open = true;
  while (open && !engine->stopping_) {
    base::Duration pause = kPoll;
    try {
      co_await engine->renew();
      co_await engine->take_over();
      const auto room = engine->room();
      const bool more = room && co_await engine->claim_and_hand_in(*room);
      const std::int64_t load = engine->shard_.load();
      throughput.note(engine->parts_.clock.now(), engine->handed_in_ - load);
      const std::int64_t waiting = load - engine->shard_.connections();
      if (more && (alone || !throughput.lasts(waiting))) pause = base::Duration{0};
    } catch (const store::Failure& e) {
      base::log::error("queue_unreachable", {{"cause", e.what()}});
      engine->leases_.forget();
      pause = kPauseAfterFailure;
    }
    if (pause.count() > 0) open = co_await net::sleep(pause);
  }
}

/// Tells the other nodes each second what this one holds and wants, and asks at once for what it has nothing of. The
/// parts are given up only when the last connection is closed.
net::Task<> Engine::share(Engine* engine, Running /*running*/) {
  bool open = true;
  base::Time exchanged{};
  while (open && (!engine->stopping_ || engine->shard_.connections() > 0)) {
    const base::Time now = engine->parts_.clock.now();
    const bool all = now - exchanged >= kExchange;
    base::Duration pause = kLookAtParts;
    if (all || engine->shard_.lacks_parts(now)) {
      if (!co_await engine->exchange(all)) pause = kPauseAfterFailure;
    }
    if (all) exchanged = now;
    open = co_await net::sleep(pause);
  }
  if (!open) co_return;  // cut short: the lease ends by itself
  try {
    cluster::Ledger* ledger = engine->parts_.ledger;
    const base::Time now = engine->parts_.clock.now();
    co_await engine->parts_.runtime.offload([ledger, now] { ledger->leave(now); });
  } catch (const store::Failure& e) {
    base::log::warning("cluster_unreachable", {{"cause", e.what()}});  // the lease ends by itself
  }
}

/// False: the other nodes could not be reached.
net::Task<bool> Engine::exchange(bool all) {
  const Shard::Question question = shard_.ask_for_parts(parts_.clock.now(), all);
  if (all && options_.observer != nullptr) options_.observer->shares(question.request.lines);
  std::optional<cluster::Reply> reply;
  try {
    reply =
        co_await net::offload(parts_.runtime, [this, &question] { return parts_.ledger->exchange(question.request); });
  } catch (const store::Failure& e) {
    if (!apart_.exchange(true)) base::log::error("cluster_unreachable", {{"cause", e.what()}});
  }
  if (reply) {
    if (apart_.exchange(false)) base::log::warning("cluster_reached", {});
    shard_.hear(question, *reply, options_.owner, parts_.ledger->lease());
  } else {
    shard_.missed(question);
  }
  co_return reply.has_value();
}

net::Task<bool> Engine::claim_and_hand_in(Room room) {
  const std::vector<std::string> postponed = shard_.postponed(parts_.clock.now());
  const auto works = co_await net::offload(parts_.runtime, [this, &postponed, room] { return claim(postponed, room); });
  for (const std::shared_ptr<Work>& work : works) {
    in_hand_.emplace(work->batch().id, work);
    ++batches_;
    handed_in_ += static_cast<std::int64_t>(work->waiting());
    shard_.add(work);
  }
  co_return !works.empty();
}

std::vector<std::shared_ptr<Work>> Engine::claim(const std::vector<std::string>& except, Room room) {
  std::vector<queue::Batch> batches;
  parts_.store.write_now([&](store::Connection& db) {
    batches = queue::claim(db, {.owner = options_.owner,
                                .now = parts_.clock.now(),
                                .lease = options_.lease,
                                .max_batches = kBatchesAtOnce,
                                .max_mails = room.mails,
                                .except_sites = except,
                                .least = room.least});
  });
  Mails mails(parts_.source);
  std::vector<Work::Share> shares;
  for (const queue::Batch& batch : batches) {
    queue::Progress progress;
    if (batch.taken_over) progress = queue::progress_of(*parts_.store.read(), batch.campaign, batch.id);
    shares.push_back(share_of(batch, progress, options_.retry, parts_.clock.now()));
    mails.want(batch.campaign, shares.back().contacts);
  }
  std::vector<std::shared_ptr<Work>> works;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    const base::CampaignId campaign = batches[i].campaign;
    works.push_back(std::make_shared<Work>(std::move(batches[i]), std::move(shares[i]), mails.of(campaign)));
  }
  return works;
}

/// Keeps the leases, and gives up what is not ours any more.
net::Task<> Engine::renew() {
  const base::Time now = parts_.clock.now();
  if (in_hand_.empty() || now - renewed_at_ < options_.lease / 3) co_return;
  renewed_at_ = now;
  std::vector<base::BatchId> mine;
  for (const auto& [id, work] : in_hand_) mine.push_back(id);
  auto kept = co_await net::offload(parts_.runtime, [this, &mine, now] {
    std::vector<base::BatchId> left;
    parts_.store.write_now(
        [&](store::Connection& db) { left = queue::renew(db, options_.owner, mine, now + options_.lease); });
    return left;
  });
  std::ranges::sort(kept);
  for (const base::BatchId id : mine) {
    const auto found = in_hand_.find(id);
    if (found == in_hand_.end() || std::ranges::binary_search(kept, id)) continue;
    base::log::warning("lease_lost", {{"batch", id.value}});
    shard_.withdraw(*std::shared_ptr<Work>(found->second));  // a copy: withdrawing forgets it
  }
}

/// Ends the leases of those who died, our own that a failure let slip among them.
net::Task<> Engine::take_over() {
  const base::Time now = parts_.clock.now();
  if (now - watched_at_ < options_.lease / kLooksInALease) co_return;
  watched_at_ = now;
  const auto all = co_await net::offload(parts_.runtime, [this] { return queue::leases(*parts_.store.read()); });
  const std::vector<queue::Lease> dead = leases_.dead(all, now);
  if (dead.empty()) co_return;
  for (const queue::Lease& lease : dead) base::log::warning("lease_ended", {{"owner", lease.owner}});
  co_await parts_.runtime.offload([this, &dead] {
    parts_.store.write_now([&dead](store::Connection& db) {
      for (const queue::Lease& lease : dead) queue::end_lease(db, lease);
    });
  });
}

void Engine::give_back(const Work& done) {
  const auto found = in_hand_.find(done.batch().id);
  if (found == in_hand_.end()) return;  // given back already
  const std::shared_ptr<Work> work = std::move(found->second);
  in_hand_.erase(found);
  recorder_.then(
      [this, work](store::Connection& db) { queue::finish(db, work->batch(), work->retries(), parts_.clock.now()); });
  --batches_;
}

}  // namespace todoku::delivery
