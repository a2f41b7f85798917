// By what policy the sessions with one host are held, or the want of one; for reports.
#pragma once
#include "authentication/reported_policy.h"

namespace todoku::delivery {

struct SessionPolicy {
  authentication::ReportedPolicy policy;
  bool testing = false;
  bool listed = true;  // false: in testing, and the policy does not name the host
};

}  // namespace todoku::delivery
