// Asks a clamd whether there are viruses in files, one connection for each.
//
// Blocking, within a limit: for a command, or a worker thread. It never says "clean" unless clamd did: where it cannot
// be reached, or ends the connection without an answer, that is an error.
#pragma once
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "scan/clamd_exchange.h"

namespace todoku::scan {

struct ClamdOptions {
  std::string address;            // a socket's path ("/run/clamav/clamd.ctl"), or IP and port ("127.0.0.1:3310")
  base::Duration limit{120'000};  // for one question, all in all
};

/// Errors: `invalid` for an address that is none, `unavailable` where no clamd answers there, `limit` for the time and
/// for what is larger than clamd takes.
[[nodiscard]] base::Result<Verdict> ask_clamd(const ClamdOptions& options, std::string_view content);

}  // namespace todoku::scan
