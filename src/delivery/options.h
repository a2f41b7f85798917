// How delivery behaves; the settings of the configuration, ready for use.
#pragma once
#include <string>
#include <vector>

#include "base/clock.h"
#include "delivery/allowance.h"
#include "delivery/source_pool.h"
#include "queue/retry.h"
#include "smtp/client_session.h"

namespace todoku::delivery {

class Observer;

struct Options {
  std::string owner;             // this node, in leases
  smtp::SessionOptions session;  // EHLO name, TLS, credentials, time limits
  int connections = 100;         // in all; but see opens_soon
  int failures_per_site = 3;     // connections in a row that bring nothing over, then the site waits for its next try
  queue::RetrySchedule retry;
  Allowances allowances{provider::Providers::built_in()};  // how fast, to whom
  std::vector<Source> sources;                             // from where; none: the session's address
  base::Duration opens_soon{2000};  // a connection that takes longer to open leaves its place to another until then
  base::Duration lease{60'000};  // after which the batches of a node that died are another's; renewed three times in it
  std::int64_t recipients_in_memory = 20'000;
  Observer* observer = nullptr;  // lives longer than the engine; null: nobody counts
};

}  // namespace todoku::delivery
