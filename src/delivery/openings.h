// Connections that are being opened. One that takes long leaves its place to another until it is open: hosts that do
// not answer hold up nobody but themselves.
//
// Belongs to one I/O thread.
#pragma once
#include <chrono>
#include <cstddef>
#include <list>

namespace todoku::delivery {

class Openings {
 public:
  using Clock = std::chrono::steady_clock;

  /// At most `most` leave their places: each still costs a descriptor.
  Openings(std::chrono::milliseconds patience, std::size_t most) : patience_(patience), most_(most) {}

  struct Opening {
    Clock::time_point since;
    bool left = false;  // its place to others
  };
  using Ticket = std::list<Opening>::iterator;

  [[nodiscard]] Ticket begin(Clock::time_point now) { return under_way_.insert(under_way_.end(), {now}); }
  /// It is open, or will never be: what it holds is counted again.
  void end(Ticket ticket);

  /// Those that have taken long leave their places now; how many.
  [[nodiscard]] std::size_t look(Clock::time_point now);

  [[nodiscard]] std::size_t under_way() const { return under_way_.size(); }
  /// Places that were left.
  [[nodiscard]] std::size_t left() const { return left_; }
  [[nodiscard]] std::chrono::milliseconds patience() const { return patience_; }

 private:
  std::chrono::milliseconds patience_;
  std::size_t most_;
  std::list<Opening> under_way_;  // oldest first
  std::size_t left_ = 0;
};

}  // namespace todoku::delivery
