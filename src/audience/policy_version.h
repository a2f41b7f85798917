// The stop policy's versions: each change is a new one with its time and author, the older ones stay readable.
//
// Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audience/stop_rule.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::audience {

struct PolicyVersion {
  std::int64_t number = 0;  // 0: the defaults, with no rules of their own; it is always there
  base::Time at{};
  std::string author;
  std::string note;
  std::vector<StopRule> rules;
};

/// The one that holds.
[[nodiscard]] PolicyVersion current_policy(store::Connection& db);
/// Errors: not_found.
[[nodiscard]] base::Result<PolicyVersion> find_policy(store::Connection& db, std::int64_t number);
/// All of them, the newest first, without the defaults.
[[nodiscard]] std::vector<PolicyVersion> policy_versions(store::Connection& db);

/// Who changes the policy, and why.
struct PolicyChange {
  std::string author;
  std::string note;
  base::Time at;
};
/// Makes a new version of these rules, which holds from the next error on; its number.
std::int64_t add_policy(store::Connection& db, const std::vector<StopRule>& rules, const PolicyChange& change);

/// The rules that hold, looked up again only when there is a newer version: for whoever decides all the time.
class CurrentRules {
 public:
  explicit CurrentRules(StopLimits defaults) : rules_{.defaults = defaults} {}
  /// One small query. The reference holds until the next call.
  const StopRules& look(store::Connection& db);

 private:
  StopRules rules_;
  base::Time at_{};  // of the version; a number may come again after a rollback
};

}  // namespace todoku::audience
