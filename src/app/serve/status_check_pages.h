// GET /status-check: whether mail to a member's address fails and why, for the member's site (remedy/status_check.h),
// and GET /status-check.js, the script that shows it.
//
// Limits: so many questions a minute of one client, counted before anything is looked at, and of one key, counted once
// its signature is right, so that strangers use up nobody's share. Answers of all kinds are of one shape. Cross-origin
// pages may read them if they are the key's.
#pragma once
#include <string>

#include "base/clock.h"
#include "http/router.h"
#include "net/rate_table.h"
#include "net/runtime.h"
#include "remedy/status_check.h"
#include "store/store.h"

namespace todoku::app {

struct StatusCheckLimits {
  double per_client = 30;  // questions a minute
  double per_key = 6000;
};

class StatusCheckPages {
 public:
  /// All live longer.
  StatusCheckPages(store::Store& store, net::Runtime& runtime, const base::Clock& clock,
                   const StatusCheckLimits& limits);
  /// This lives as long as the router.
  void add_to(http::Router& router);

 private:
  net::Task<http::Response> answer(http::Request& request);
  net::Task<http::Response> script(http::Request& request);
  [[nodiscard]] http::Response look(const http::Request& request);

  store::Store& store_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  net::RateTable clients_;
  net::RateTable keys_;
};

}  // namespace todoku::app
