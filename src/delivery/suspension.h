// Rest after a receiver has blocked us: nothing is sent, but for a single mail now and then that tries whether the
// block is gone; each try that fails doubles the rest. No I/O, no clock.
#pragma once
#include <optional>

#include "base/clock.h"

namespace todoku::delivery {

class Suspension {
 public:
  explicit Suspension(base::Duration first) : first_(first) {}

  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] bool trying() const { return trying_; }
  /// When the next try is due; only while active.
  [[nodiscard]] base::Time try_at() const { return try_at_; }

  /// Now, if a mail may be sent, else when to ask again.
  [[nodiscard]] base::Time free_at(base::Time now) const;
  /// A mail is sent: while active, it is the try.
  void take(base::Time now);
  /// The try was not sent after all.
  void give_back() { trying_ = false; }

  /// True: it begins now. While it is active: the try failed.
  bool blocked(base::Time now);
  /// No answer, or one that says nothing: tried again after the same time.
  void unclear(base::Time now);
  /// Somebody else was blocked, and tries again himself before `try_at`.
  void adopt(base::Time try_at);
  /// Somebody else's try was taken. True: it ends now.
  bool lift();
  /// True: it ends now.
  bool passed();

 private:
  base::Duration first_;
  base::Duration rest_{0};
  base::Time try_at_{};
  bool active_ = false;
  bool trying_ = false;
};

}  // namespace todoku::delivery
