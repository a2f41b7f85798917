#include "intake/bounce_listener.h"

#include <exception>
#include <optional>
#include <utility>

#include "base/log.h"

namespace todoku::intake {
namespace {

using smtp::Answer;

const Answer kPutOff{451, "4.3.0 cannot be stored at the moment, come back later"};

/// A bounce is about one mail; more recipients are rare enough to cost copies.
std::vector<Arrival> arrivals_of(smtp::Visit& visit, const std::string& place, base::Time now) {
  std::vector<Arrival> arrivals;
  arrivals.reserve(visit.recipients.size());
  for (const std::string& recipient : visit.recipients) {
    Arrival& arrival = arrivals.emplace_back();
    arrival.road = Road::smtp;
    arrival.place = place;
    arrival.sender = visit.sender;
    arrival.recipient = recipient;
    arrival.peer = visit.peer;
    arrival.at = now;
    if (arrivals.size() < visit.recipients.size()) arrival.content = visit.content;
  }
  arrivals.back().content = std::exchange(visit.content, {});
  return arrivals;
}

}  // namespace

BounceListener::BounceListener(OwnAddresses addresses, tracking::CurrentTokens& tokens, Taker& taker,
                               net::Runtime& runtime, const base::Clock& clock, BounceListenerOptions options)
    : addresses_(std::move(addresses)),
      tokens_(tokens),
      runtime_(runtime),
      clock_(clock),
      options_(std::move(options)),
      samples_({.per_minute = options_.forged_per_minute}),
      collector_(taker, runtime, options_.collector) {}

/// A signature that does not verify may be of a key that we do not know yet.
net::Task<Recipient> BounceListener::find(const std::string& address) {
  const Recipient known = addresses_.find(address, *tokens_.known());
  const bool may_be_signed = known == Recipient::forged || known == Recipient::unknown;
  if (!may_be_signed || !tokens_.stale()) co_return known;
  co_return co_await net::offload(runtime_, [this, &address] { return addresses_.find(address, *tokens_.newest()); });
}

net::Task<Answer> BounceListener::recipient(smtp::Visit& visit, const std::string& address) {
  std::optional<Recipient> found;
  try {
    found = co_await find(address);
  } catch (const std::exception& failure) {  // the database is away
    base::log::warning("recipient_not_checked", {{"cause", failure.what()}});
  }
  if (!found) co_return kPutOff;
  if (is_ours(*found)) {
    tell(*found, "taken");
    co_return Answer{};
  }
  const bool sample = *found == Recipient::forged && options_.forged_per_minute > 0 &&
                      samples_.take("", std::chrono::steady_clock::now());
  tell(*found, sample ? "sampled" : "refused");
  if (sample) {
    base::log::info("forged_return_path", {{"address", address}, {"peer", visit.peer}});
    co_return Answer{};
  }
  if (*found == Recipient::foreign) co_return Answer{550, "5.7.1 no mail for other domains is taken here"};
  co_return Answer{550, "5.1.1 no such address"};
}

net::Task<Answer> BounceListener::message(smtp::Visit& visit) {
  switch (co_await collector_.take(arrivals_of(visit, options_.place, clock_.now()))) {
    case Collector::End::taken:
      co_return Answer{250, "2.0.0 taken over"};
    case Collector::End::full:
      co_return Answer{451, "4.3.1 too much mail at once, come back later"};
    case Collector::End::failed:
      break;
  }
  co_return kPutOff;
}

smtp::ServerSettings guarded_settings() {
  using namespace std::chrono_literals;
  smtp::ServerSettings settings;
  settings.protocol.recipients_limit = 100;  // RFC 5321 section 4.5.3.1.8 wants as many
  settings.protocol.commands_limit = 300;
  settings.protocol.errors_limit = 10;
  settings.protocol.offer_smtputf8 = true;
  settings.limits = {.command = 2min, .content = 10min, .write = 1min, .session = 30min, .bytes = 256 << 20};
  settings.peer.connections = 50;
  return settings;
}

}  // namespace todoku::intake
