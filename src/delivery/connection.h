// One connection to one receiving site: opens it, sends mail after mail, each only when the last one's outcome is on
// disk.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "delivery/judgement.h"
#include "delivery/lane.h"
#include "delivery/shard.h"
#include "net/task.h"
#include "queue/mail_source.h"
#include "smtp/client_session.h"

namespace todoku::delivery {

class Connection {
 public:
  /// Serves the lane until nobody waits or the site refuses; both arguments outlive the task.
  static net::Task<> run(Shard* shard, Lane* lane, Running running);

 private:
  Connection(Shard& shard, Lane& lane) : shard_(shard), lane_(lane) {}

  net::Task<> serve();
  net::Task<std::optional<Turn>> use(std::optional<Turn> turn);
  /// Tries the route's targets in order. False: none took us; `failed_` says why.
  net::Task<bool> open();
  net::Task<bool> open(smtp::Target target);
  /// Makes the mail and sends it. False: the session is over and the turn is still to be served.
  net::Task<bool> deliver(const Turn& turn);
  [[nodiscard]] bool skip(const Turn& turn);
  void refused(const std::optional<Turn>& turn);
  void give_up();
  [[nodiscard]] Attempt attempt_of(const Turn& turn) const;

  Shard& shard_;
  Lane& lane_;
  std::unique_ptr<smtp::ClientSession> session_;
  smtp::Failure failed_;
  std::string remote_;   // "mx.example.jp [192.0.2.1]"
  queue::Mail mail_;     // kept, so that its buffers are used again
  int sent_ = 0;         // over this session
  queue::Outcome last_;  // of the mail at which the last session broke
};

}  // namespace todoku::delivery
