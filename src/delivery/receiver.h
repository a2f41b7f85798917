// One receiver as a shard sees it: the shape of all mail to it, and the lanes that wait for it. The lanes of all
// domains that it serves share it.
//
// Belongs to one I/O thread.
#pragma once
#include <deque>
#include <span>
#include <string>

#include "delivery/refusals.h"
#include "delivery/shape.h"
#include "queue/retry.h"

namespace todoku::delivery {

class Lane;
class Observer;

struct Receiver {
  /// `observer` lives longer; null: nobody counts.
  Receiver(Allowance allowance, std::span<const Source> sources, const queue::RetrySchedule& general,
           Observer* observer = nullptr);

  [[nodiscard]] const std::string& name() const { return shape.allowance().receiver; }
  /// When a recipient who was deferred is tried again: not while the receiver rests or the campaign is held there, if
  /// the mail does not expire before.
  [[nodiscard]] std::optional<base::Time> next_attempt(const queue::Batch& batch, const queue::Outcome& outcome) const;
  /// Tells the log what changed, and the observer what rests.
  void announce(Shape::Change change, const queue::Outcome& cause);
  void announce(Refusals::Change change, const queue::Outcome& cause) const;
  /// When mails of a batch expire.
  [[nodiscard]] base::Time expiry(const queue::Batch& batch) const { return batch.laid_at + retry.expiry; }

  Shape shape;
  Refusals refusals;
  queue::Outcome trouble;  // why it rests, or rested the last time
  queue::RetrySchedule retry;
  std::deque<Lane*> waiting;  // lanes that want a connection, whose turn is next first
  int lanes = 0;
  bool due = false;      // in the shard's list of receivers to serve
  bool starved = false;  // wants a connection while all are taken

 private:
  Observer* observer_;
};

}  // namespace todoku::delivery
