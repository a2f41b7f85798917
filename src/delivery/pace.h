// How fast to send to a receiver that does not tell: a closed loop on the share of replies that ask to slow down.
//
// - Slow start: doubles each interval, as long as the pace is used and nothing is refused.
// - Refused: down at once, by the share that was refused and at least by 15 %; the pace at which that came is the
//   ceiling. Replies to mails sent before the last step down say nothing new.
// - Up again: quickly to just below the ceiling, then held there. Now and then, and only while refusals are below
//   0.6 % of the replies, a look beyond: small steps that double while they succeed.
// A single refusal among many is noise (one mailbox gets mail too fast) and changes nothing.
//
// Without a start the pace is open, without any limit, until the first refusals; it begins then with what was being
// accepted. No I/O, no clock. One thread.
#pragma once
#include <cstdint>

#include "base/clock.h"

namespace todoku::delivery {

struct PaceOptions {
  double start = 0;    // mails a second; 0: open
  double most = 0;     // never above; 0: no such limit
  double least = 0.1;  // never below
};

class Pace {
 public:
  explicit Pace(const PaceOptions& options);

  /// Now, if one more mail may be sent, else when.
  [[nodiscard]] base::Time free_at(base::Time now);
  void take(base::Time now);
  void give_back();

  /// A reply to a mail of which take() was called at `taken`.
  void answered(bool slow_down, base::Time taken, base::Time now);

  /// Slow start anew, from `rate`; what was known of the ceiling is forgotten.
  void restart(double rate, base::Time now);

  [[nodiscard]] bool open() const { return rate_ == 0; }
  /// Mails a second; 0 while open.
  [[nodiscard]] double rate() const { return rate_; }
  /// The pace at which refusals came the last time; 0: not known.
  [[nodiscard]] double ceiling() const { return ceiling_; }

 private:
  bool troubled(bool slow_down);
  void refused(base::Time now);
  void step(base::Time now);
  void look_beyond();
  void look_failed();
  void step_down();
  void set_rate(double rate);
  [[nodiscard]] double memory() const;
  [[nodiscard]] double accepted_share() const;

  PaceOptions options_;
  double rate_;
  double ceiling_ = 0;
  double next_ = 0;  // of the next mail, in milliseconds since 1970
  // Since the last step of the loop.
  base::Time stepped_at_{};
  std::int64_t accepted_ = 0;
  double speed_ = 0;  // accepted a second in the interval before
  // Since the last step down.
  base::Time down_at_{};
  double trouble_ = 0;  // refusals, fading over memory() replies
  // Since the first refusal of the trouble there is.
  double replies_ = 0;
  double refusals_ = 0;
  // For looking beyond the ceiling.
  base::Time held_since_{};
  double look_ = 0;    // the last step beyond; 0: none
  double held_ = 0;    // the pace before looking
  double credit_ = 0;  // refusals that may still be risked
};

}  // namespace todoku::delivery
