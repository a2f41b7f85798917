// Takes the mail of the bounce domain: what comes to addresses that this program made goes to a Taker, all else is
// refused while the recipient is named (550). It passes nothing on and answers nothing: no mail can make it send one.
//
// An address of our form with a signature that is not ours is a sign that somebody sends mail in our name. A sample of
// those, so many a minute, is taken, so that its content can be read; the rest is refused and counted.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "intake/collector.h"
#include "intake/own_addresses.h"
#include "net/rate_table.h"
#include "smtp/server.h"
#include "tracking/current_tokens.h"

namespace todoku::intake {

struct BounceListenerOptions {
  std::string place;              // Arrival::place: where it listens
  double forged_per_minute = 10;  // the sample
  CollectorOptions collector = {};
  /// Hears of every recipient named: what it is, and "taken", "sampled", "refused" or "put_off". On I/O threads.
  std::function<void(Recipient, std::string_view)> observe = {};
};

class BounceListener final : public smtp::Receiver {
 public:
  /// All live longer.
  BounceListener(OwnAddresses addresses, tracking::CurrentTokens& tokens, Taker& taker, net::Runtime& runtime,
                 const base::Clock& clock, BounceListenerOptions options);

  net::Task<smtp::Answer> recipient(smtp::Visit& visit, const std::string& address) override;
  net::Task<smtp::Answer> message(smtp::Visit& visit) override;

 private:
  net::Task<Recipient> find(const std::string& address);
  void tell(Recipient recipient, std::string_view result) const {
    if (options_.observe) options_.observe(recipient, result);
  }

  const OwnAddresses addresses_;
  tracking::CurrentTokens& tokens_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  const BounceListenerOptions options_;
  net::RateTable samples_;
  Collector collector_;
};

/// What protects a bounce listener, besides the Receiver: limits that no honest mail server meets.
[[nodiscard]] smtp::ServerSettings guarded_settings();

}  // namespace todoku::intake
