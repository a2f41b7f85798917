// Who counts what happens on the wire: sessions, outcomes, how long they took. Called on I/O threads, several at once;
// returns at once.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "base/clock.h"
#include "cluster/ledger.h"
#include "net/stream.h"
#include "queue/outcome.h"
#include "smtp/witness.h"

namespace todoku::delivery {

class Observer {
 public:
  virtual ~Observer() = default;

  /// `tls` null: plain, or not opened.
  struct Session {
    std::string_view receiver;  // as in Allowance
    bool opened = false;
    base::Duration took{0};
    const net::TlsInfo* tls = nullptr;
  };
  virtual void session(const Session& session) = 0;

  /// Who watches a session that begins; null: nobody.
  [[nodiscard]] virtual std::shared_ptr<smtp::Witness> witness(std::string_view /*receiver*/, std::string_view /*site*/,
                                                               std::string_view /*host*/) {
    return nullptr;
  }

  /// A mail was sent over a session, whatever the answer; from MAIL, or the end of the content before, to its reply.
  virtual void sent(std::string_view receiver, base::Duration took) = 0;

  /// A recipient's attempt is over; handed over to be stored.
  virtual void outcome(std::string_view receiver, const queue::Outcome& outcome) = 0;

  /// Mail to a receiver rests from now on: all of it ("suspended", it blocks us) or a campaign's ("held").
  virtual void rests(std::string_view /*receiver*/, std::string_view /*kind*/) {}

  /// What this node holds and wants of the limits that it shares with others: all of it, about once a second.
  virtual void shares(std::span<const cluster::Line> /*lines*/) {}
};

}  // namespace todoku::delivery
