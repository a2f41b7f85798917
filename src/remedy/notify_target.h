// A system of the operator's that hears of stops, releases and unsubscriptions, as the settings name it.
#pragma once
#include <string>

#include "base/clock.h"
#include "base/secret.h"

namespace todoku::remedy {

struct NotifyTarget {
  std::string name;
  std::string url;
  base::Secret secret;
  bool allow_private = false;  // addresses that are not the internet's, and http
  std::string ca_file = {};    // authorities that vouch for it; empty: the system's
  int tries = 15;              // about two days
  base::Duration first_wait{10'000};
};

}  // namespace todoku::remedy
