// The stop policy run again over what happened, against other rules: for simulations. Decides as StopPolicy does, by
// the same decide(); pure.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audience/stop_policy.h"
#include "base/clock.h"

namespace todoku::audience {

/// Times in which a site's errors counted for nobody, since it erred as a whole.
class OutageTimes {
 public:
  void add(std::string site, base::Time from, std::optional<base::Time> until);
  [[nodiscard]] bool hold(const std::string& site, base::Time at) const;

 private:
  std::multimap<std::string, std::pair<base::Time, base::Time>, std::less<>> times_;
};
/// All of the past, but those whose stops were carried out.
[[nodiscard]] OutageTimes past_outages(store::Connection& db);

struct ReplayedStop {
  bounce::Reason reason = bounce::Reason::unknown;
  base::Time at;
  std::int64_t errors = 0;
  std::string rule;
};

/// One contact's history; its events in the order of time.
class ContactReplay {
 public:
  ContactReplay(const StopRules& rules, const OutageTimes& outages) : rules_(rules), outages_(outages) {}
  void take(const Event& event);
  /// Somebody released it: it is mailed again, and counts begin anew.
  void release();
  /// The first one.
  [[nodiscard]] const std::optional<ReplayedStop>& stop() const { return stop_; }

 private:
  const StopRules& rules_;
  const OutageTimes& outages_;
  std::map<bounce::Reason, ErrorCount> counts_;
  bool stopped_ = false;
  bool refused_ = false;
  std::optional<ReplayedStop> stop_;
};

}  // namespace todoku::audience
