// `todoku bench delivery`: one campaign through the whole engine (queue and outcomes on disk, every mail personalised)
// to a server that takes everything, and how fast it went.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "base/clock.h"

namespace todoku::app {

class Context;

struct BenchDelivery {
  std::string host;  // IP address of the receiving server
  std::uint16_t port = 0;
  std::int64_t count = 20'000;
  std::size_t size = 10'000;  // of one mail, in bytes, near enough
  int connections = 50;
  std::string sign;  // DKIM: "rsa2048" or "ed25519"; empty: unsigned
  bool tls = false;  // STARTTLS, the certificate not verified
  std::string dns;   // name server that knows the domains; then by MX and to `port`, else all to `host`
  std::int64_t domains = 1;
  std::int64_t dead = 0;  // so many of the domains, evenly spread, have hosts that never answer
  bool join = false;      // only help another one along, which runs on the same database

  [[nodiscard]] bool is_dead(std::int64_t domain) const {
    return dead > 0 && domain % (domains / dead) == 0 && domain / (domains / dead) < dead;
  }
  /// Mails that can be delivered.
  [[nodiscard]] std::int64_t living() const;
};

struct BenchFigures {
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  double living_seconds = 0;         // from "send now" until every living domain's mails were delivered
  std::size_t mail_bytes = 0;        // of one mail
  double import_seconds = 0;         // contacts
  double first_seconds = 0;          // from "send now" to the first outcome on disk
  double seconds = 0;                // from "send now" to the last outcome on disk
  double cpu_seconds = 0;            // of this process, in that time
  double slowest_status_ms = 0;      // `campaign status` while it ran
  std::int64_t queue_bytes = 0;      // the database's growth by laying down the queue
  std::int64_t resident_before = 0;  // bytes, before sending
  std::int64_t resident_peak = 0;    // bytes, while sending
};

/// Uses the context's data folder (and database), which must be new, unless it joins: then it waits for the other one's
/// campaign, and its figures are of this process, but for the mails, which are everybody's. Prints an error and throws
/// Stop where it cannot go on.
[[nodiscard]] BenchFigures bench_delivery(Context& context, const BenchDelivery& wanted);

}  // namespace todoku::app
