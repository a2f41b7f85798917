// For tests: a receiver that is only modelled, connections to it, and a clock that jumps from event to event; a million
// mails take a second or two. What is tested is the Shape between them.
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <queue>
#include <vector>

#include "delivery/shape.h"

namespace todoku::delivery {

/// A receiver's answers. `attempt` counts from 1.
class Model {
 public:
  virtual ~Model() = default;
  struct Reaction {
    Answer answer;
    base::Duration delay{50};
  };
  virtual Reaction connection(base::Time /*now*/, int /*open*/) { return {}; }
  virtual Reaction mail(base::Time now, int attempt) = 0;
};

/// Checks from outside that no stretch of a span holds more than so many.
class Referee {
 public:
  Referee(std::int64_t most, base::Duration span) : most_(most), span_(span) {}
  void saw(base::Time now) {
    if (static_cast<std::int64_t>(times_.size()) == most_) {
      if (now - times_.front() < span_) ++violations_;
      times_.pop_front();
    }
    times_.push_back(now);
  }
  [[nodiscard]] std::int64_t violations() const { return violations_; }

 private:
  std::int64_t most_;
  base::Duration span_;
  std::deque<base::Time> times_;
  std::int64_t violations_ = 0;
};

class Simulator {
 public:
  struct Figures {
    std::int64_t begun = 0, taken = 0, slowed = 0, refused = 0, blocked = 0, connections = 0, refused_connections = 0;
    int most_open = 0;
    [[nodiscard]] double slowed_share() const {
      return static_cast<double>(slowed + refused_connections) / static_cast<double>(std::max<std::int64_t>(begun, 1));
    }
  };

  Simulator(Shape& shape, Model& model, base::Time start) : shape_(shape), model_(model), now_(start) {}

  /// Mails that wait from now on.
  void add(std::int64_t mails) { fresh_ += mails; }
  std::function<void(base::Time)> on_begin = [](base::Time) {};
  base::Duration retry{300'000};  // after a refusal; and, for everybody, after a connection that was not reached

  /// Until then, or until nothing is left.
  Figures run(base::Time end) {
    figures_ = {};
    while (true) {
      open_what_is_allowed();
      if (events_.empty() || events_.top().at > end) break;
      const Event event = events_.top();
      events_.pop();
      now_ = std::max(now_, event.at);
      handle(event);
    }
    now_ = std::max(now_, end);
    return figures_;
  }
  [[nodiscard]] base::Time now() const { return now_; }
  [[nodiscard]] std::int64_t waiting() const { return fresh_ + static_cast<std::int64_t>(again_.size()); }
  [[nodiscard]] const Shape& shape() const { return shape_; }

 private:
  enum class Kind : std::uint8_t { wake, opened, awake, answered };
  struct Event {
    base::Time at;
    Kind kind;
    std::size_t source = 0;
    int mails = 0;    // over this connection
    int attempt = 0;  // of this mail
    base::Time asked{};
    Answer answer{};
    bool operator>(const Event& other) const { return at > other.at; }
  };
  struct Again {
    base::Time at;
    int attempt;
    bool operator>(const Again& other) const { return at > other.at; }
  };

  void push(Event event) { events_.push(event); }
  void wake(base::Time at) {
    if (woken_at_ > now_ && woken_at_ <= at) return;
    woken_at_ = at;
    push({.at = at, .kind = Kind::wake});
  }

  [[nodiscard]] bool somebody_waits() const { return fresh_ > 0 || (!again_.empty() && again_.top().at <= now_); }

  void open_what_is_allowed() {
    if (now_ < unreachable_until_) return wake(unreachable_until_);
    if (!somebody_waits()) {
      if (!again_.empty()) wake(again_.top().at);
      return;
    }
    while (true) {
      const Shape::Opening opening = shape_.connect(now_);
      if (!opening.granted) return wake(std::max(opening.again, now_ + base::Duration(1)));
      const Model::Reaction reaction = model_.connection(now_, open_);
      push({.at = now_ + reaction.delay, .kind = Kind::opened, .source = opening.source, .answer = reaction.answer});
      ++figures_.connections;
      if (reaction.answer.sign == Sign::taken) ++open_;
      figures_.most_open = std::max(figures_.most_open, open_);
      if (reaction.answer.sign == Sign::lost) return;
    }
  }

  void handle(const Event& event) {
    switch (event.kind) {
      case Kind::wake:
        return;
      case Kind::opened:
        if (event.answer.sign == Sign::taken) {
          shape_.opened(event.source, now_);
          return next(event);
        }
        if (event.answer.sign == Sign::lost) unreachable_until_ = now_ + retry;
        ++figures_.refused_connections;
        (void)shape_.refused(event.source, event.answer, now_);
        return;
      case Kind::awake:
        shape_.wakes();
        return next(event);
      case Kind::answered:
        return answered(event);
    }
  }

  void next(Event connection) {
    if (!somebody_waits() || connection.mails >= shape_.allowance().limits.mails_per_connection) {
      return close(connection.source);
    }
    const base::Time at = shape_.ask(connection.source, now_);
    if (at > now_) {
      const bool worth = at <= now_ + shape_.allowance().limits.idle && shape_.asleep() < 2;
      if (!worth) return close(connection.source);
      shape_.falls_asleep();
      connection.at = at;
      connection.kind = Kind::awake;
      return push(connection);
    }
    begin(connection);
  }

  void begin(Event connection) {
    connection.attempt = 1;
    if (!again_.empty() && again_.top().at <= now_) {
      connection.attempt = again_.top().attempt;
      again_.pop();
    } else {
      --fresh_;
    }
    ++figures_.begun;
    on_begin(now_);
    const Model::Reaction reaction = model_.mail(now_, connection.attempt);
    connection.kind = Kind::answered;
    connection.at = now_ + reaction.delay;
    connection.answer = reaction.answer;
    connection.asked = now_;
    ++connection.mails;
    push(connection);
  }

  void answered(const Event& event) {
    const Sign sign = event.answer.sign;
    (sign == Sign::taken       ? figures_.taken
     : sign == Sign::slow_down ? figures_.slowed
     : sign == Sign::blocked   ? figures_.blocked
                               : figures_.refused) += 1;
    if (sign != Sign::taken) again_.push({now_ + retry, event.attempt + 1});
    (void)shape_.answered(event.source, event.answer, event.asked, now_);
    if (sign == Sign::lost) return close(event.source);
    next(event);
  }

  void close(std::size_t source) {
    shape_.closed(source);
    --open_;
  }

  Shape& shape_;
  Model& model_;
  base::Time now_;
  base::Time woken_at_{};
  base::Time unreachable_until_{};
  std::int64_t fresh_ = 0;
  int open_ = 0;
  Figures figures_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::priority_queue<Again, std::vector<Again>, std::greater<>> again_;
};

}  // namespace todoku::delivery
