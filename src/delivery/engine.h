// The delivery engine: leases batches, has them sent, gives them back.
//
// It knows neither campaigns nor contacts: mails come from a MailSource, outcomes go to an OutcomeSink. It sends
// whatever the queue holds that is due, until stop(). A kill at any moment loses nothing: what was leased is leased
// again by the next one, and who has a final outcome is skipped.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "bounce/rules.h"
#include "cluster/ledger.h"
#include "delivery/options.h"
#include "delivery/recorder.h"
#include "delivery/route.h"
#include "delivery/shard.h"
#include "net/runtime.h"
#include "queue/lease_watch.h"
#include "queue/mail_source.h"
#include "store/store.h"

namespace todoku::delivery {

/// What the engine stands on; all of it lives longer.
struct Parts {
  store::Store& store;
  queue::MailSource& source;
  queue::OutcomeSink& sink;
  Router& router;
  const bounce::Rules& rules;
  net::Runtime& runtime;
  const base::Clock& clock;           // one that does not jump: waits, leases and retry times go by it
  TlsResults* tls_results = nullptr;  // counts sessions for reports; null: nobody does
  bool log_outcomes = false;          // a line for each, at level info
  cluster::Ledger* ledger = nullptr;  // what other nodes hold of the limits; null: there are none
  const base::Clock* wall = nullptr;  // the true time, for outcomes; null: as `clock`
};

class Engine {
 public:
  Engine(const Parts& parts, Options options);
  ~Engine();  // stop() first, or the runtime closed

  void start();

  /// Sends nothing more of this campaign from the batches in hand, and gives them back; for a pause or a cancellation,
  /// which the queue itself knows too. From any thread.
  void withdraw(base::CampaignId campaign);

  /// Sends nothing to this site until then, but for the mails under way. From any thread.
  void rest(std::string site, base::Time until);

  /// Takes no more work, lets the mails under way end, gives everything back; false where that took longer than `grace`
  /// (then closing the runtime ends the connections). Not from an I/O thread.
  bool stop(base::Duration grace);

  /// Recipients in hand.
  [[nodiscard]] std::int64_t load() const { return shard_.load(); }
  [[nodiscard]] int connections() const { return shard_.connections(); }
  /// Outcomes cannot be stored at the moment, so nothing is sent.
  [[nodiscard]] bool troubled() const { return recorder_.troubled(); }
  /// The other nodes cannot be reached at the moment: nothing is begun once what this one holds of the limits is over.
  [[nodiscard]] bool apart() const { return apart_; }

 private:
  struct Room {
    queue::Priority least;
    std::int64_t mails;
  };

  static net::Task<> dispatch(Engine* engine, Running running);
  static net::Task<> withdraw_on_thread(Engine* engine, base::CampaignId campaign, Running running);
  static net::Task<> rest_on_thread(Engine* engine, std::string site, base::Time until, Running running);
  static net::Task<> share(Engine* engine, Running running);
  net::Task<bool> exchange(bool all);
  [[nodiscard]] bool warms_up() const;
  static net::Task<> warm_up(Engine* engine, Running running);
  net::Task<bool> tell_accounts(const Shard::WarmUpQuestion& question);
  net::Task<bool> claim_and_hand_in(Room room);
  [[nodiscard]] std::vector<std::shared_ptr<Work>> claim(const std::vector<std::string>& except, Room room);
  net::Task<> renew();
  net::Task<> take_over();
  void give_back(const Work& work);
  /// What there is room for; nothing: none.
  [[nodiscard]] std::optional<Room> room() const;

  Parts parts_;
  Options options_;
  Recorder recorder_;
  Surroundings around_;
  Shard shard_;
  // Works in hand, shared with the shard; only on I/O thread 0.
  std::unordered_map<base::BatchId, std::shared_ptr<Work>> in_hand_;
  std::int64_t handed_in_ = 0;  // mails, to the shard
  base::Time renewed_at_;
  queue::LeaseWatch leases_;
  base::Time watched_at_{};
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> apart_ = false;
  std::atomic<int> tasks_ = 0;
  std::atomic<std::size_t> batches_ = 0;
};

}  // namespace todoku::delivery
