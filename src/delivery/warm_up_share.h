// What this node has of one source address' account at one receiver (warm_up.h): mails of today's cap that are its own,
// and the answers that the account does not know yet.
//
// It takes small lots for itself before their mails are begun, so the cap holds whatever becomes of the node: what a
// kill loses is a lot of the day's mails, never the count of those sent. Unused mails are given back. Pure.
#pragma once
#include <cstdint>

#include "base/clock.h"
#include "delivery/sign.h"
#include "delivery/warm_up.h"

namespace todoku::delivery {

class WarmUpShare {
 public:
  /// What is said to the account.
  struct Asking {
    std::int64_t wanted = 0;  // mails, more than there are
    std::int64_t unused = 0;  // are given back,
    std::int64_t day = 0;     // of this day
    WarmUpAnswers answers;
  };
  struct Answer {
    std::int64_t day = 0;
    std::int64_t granted = 0;
    std::int64_t cap = 0;  // -1: none any more
  };

  /// Now, if one more mail may be sent; the beginning of the next day, where today's cap is reached; else when to ask
  /// again.
  [[nodiscard]] base::Time free_at(base::Time now) const;
  void take() { --left_; }
  void give_back() { ++left_; }
  void answered(Sign sign, base::Time now);

  /// Mails are waiting that it cannot tell about, or has something to say at once.
  [[nodiscard]] bool lacking(base::Time now) const;
  /// `waiting`: mails. Nothing is to be said: false. Else hear() or missed() follows.
  [[nodiscard]] bool ask(std::int64_t waiting, base::Time now, Asking& into);
  void hear(const Answer& answer);
  /// There was no answer, so nobody knows what the account took note of: what was given back stays given back, and
  /// answers are told again.
  void missed(const Asking& asked);
  /// At the end. Nothing is to be said: false.
  [[nodiscard]] bool give_up(Asking& into);
  /// Nothing would be lost if this were made anew.
  [[nodiscard]] bool settled() const { return cap_ < 0 || (left_ <= 0 && !untold_.any() && !asking_); }

 private:
  [[nodiscard]] std::int64_t lot() const;

  std::int64_t day_ = 0;   // that the rest is of; 0: the account was not heard of
  std::int64_t left_ = 0;  // mails that may be begun
  std::int64_t cap_ = 0;
  bool reached_ = false;  // the account has none left today
  bool asking_ = false;
  std::int64_t wanted_ = 0;  // of the question under way
  base::Time idle_since_{};  // nothing waited
  WarmUpAnswers untold_;
};

}  // namespace todoku::delivery
