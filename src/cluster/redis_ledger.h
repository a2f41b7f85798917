// The ledger in Redis, for nodes that share no database, or a database that has enough to do.
//
// The rules are those of StoreLedger. Redis' own clock counts, so the nodes' may differ. A Redis that was started anew
// may have forgotten who holds what: it gives nobody anything new until the leases of before are over; each node goes
// on with what it holds, and tells again who blocked it. Whether Redis was started anew it says itself (run_id).
#pragma once
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cluster/ledger.h"
#include "cluster/redis_connection.h"
#include "cluster/redis_place.h"

namespace todoku::cluster {

struct RedisLedgerOptions {
  RedisPlace place;
  std::string node;  // a name of its own for each process and start
  base::Duration lease{15'000};
  base::Duration limit{2'000};  // for Redis to answer
  bool redis_clock = true;      // false: Request::now counts, for simulations
};

class RedisLedger final : public Ledger {
 public:
  /// Connects at the first exchange.
  explicit RedisLedger(RedisLedgerOptions options) : options_(std::move(options)) {}

  [[nodiscard]] Reply exchange(const Request& request) override;
  void leave(base::Time now) override;
  [[nodiscard]] base::Duration lease() const override { return options_.lease; }
  [[nodiscard]] Picture look(const std::string& receiver, base::Time now) override;

 private:
  struct Answer {
    base::Time quiet_until{};
    std::vector<Part> parts;
    std::vector<Rest> rests;
  };
  void connect();
  void note_told(const Request& request);
  [[nodiscard]] Answer ask(std::span<const Line> lines, std::span<const Rest> rests, base::Time now);
  [[nodiscard]] RedisReply run_script(std::vector<std::string> arguments);
  void keep_rests(Answer& answer, const Request& request);
  [[nodiscard]] base::Time time(base::Time now);

  RedisLedgerOptions options_;
  std::unique_ptr<RedisConnection> connection_;  // null: to be opened
  std::string run_;                              // Redis' run id
  base::Duration uptime_{0};                     // of Redis, when it was connected to
  std::string script_;                           // by which Redis knows the script
  std::map<std::string, Rest> told_;             // by this node, and not over
  std::vector<Rest> known_;                      // by the last answer
  std::vector<Rest> unconfirmed_;                // known before this Redis was started, and not told again since
  bool tell_again_ = false;                      // this Redis may have forgotten
};

}  // namespace todoku::cluster
