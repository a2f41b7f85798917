#include "delivery/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
constexpr base::Time kStart{base::Duration{1'800'000'000'000}};

/// Takes `limit` mails a second, with a bucket of `depth` seconds, and refuses the rest; it never tells its limit.
class TokenBucket {
 public:
  TokenBucket(double limit, double depth) : limit_(limit), depth_(depth), tokens_(limit * depth) {}
  void change(double limit) { limit_ = limit; }
  bool takes(base::Time now) {
    tokens_ += limit_ * static_cast<double>((now - last_).count()) / 1000;
    tokens_ = std::min(tokens_, std::max(limit_ * depth_, 1.0));
    last_ = now;
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  double limit_, depth_, tokens_;
  base::Time last_ = kStart;
};

struct Figures {
  double taken = 0;
  double refused = 0;
  [[nodiscard]] double share() const { return refused / (taken + refused); }
};

/// A sender that always has mails, whose replies come back after `delay`.
class Sender {
 public:
  Sender(const PaceOptions& options, base::Duration delay, std::size_t connections)
      : pace(options), delay_(delay), connections_(connections) {}

  Figures run(TokenBucket& sink, base::Duration how_long, double speed = 20'000) {
    Figures figures;
    const base::Time end = now_ + how_long;
    while (now_ < end) {
      hear();
      int at_once = static_cast<int>(speed / 1000);
      while (pace.free_at(now_) <= now_ && at_once-- > 0 && replies_.size() < connections_) {
        pace.take(now_);
        const bool takes = sink.takes(now_);
        (takes ? figures.taken : figures.refused) += 1;
        replies_.push_back({now_, takes});
      }
      base::Time next = std::max(pace.free_at(now_), now_ + 1ms);
      if (!replies_.empty()) next = std::min(next, std::max(replies_.front().taken + delay_, now_ + 1ms));
      now_ = next;
    }
    return figures;
  }

  Pace pace;

 private:
  struct Reply {
    base::Time taken;
    bool accepted;
  };
  void hear() {
    while (!replies_.empty() && replies_.front().taken + delay_ <= now_) {
      pace.answered(!replies_.front().accepted, replies_.front().taken, now_);
      replies_.pop_front();
    }
  }

  base::Duration delay_;
  std::size_t connections_;
  std::deque<Reply> replies_;
  base::Time now_ = kStart;
};

struct Case {
  double limit;
  double depth;  // of the sink's bucket, in seconds
  double start;  // 0: open
};

class HiddenLimit : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Limits, HiddenLimit,
                         ::testing::Values(Case{1, 1, 1}, Case{1, 10, 0}, Case{10, 1, 0}, Case{10, 5, 2},
                                           Case{100, 1, 0}, Case{100, 10, 5}, Case{1000, 1, 0}, Case{1000, 2, 20},
                                           Case{5000, 0.1, 0}, Case{5000, 1, 20}));

TEST_P(HiddenLimit, IsFoundAndFollowedUpAndDown) {
  const Case& given = GetParam();
  TokenBucket sink(given.limit, given.depth);
  Sender sender({.start = given.start}, 50ms, static_cast<std::size_t>(20 + 0.06 * given.limit));
  Figures all;
  double allowed = 0;
  for (const double factor : {1.0, 0.4, 1.0, 0.25, 0.8}) {
    const double limit = given.limit * factor;
    sink.change(limit);
    const auto phase = base::Duration(static_cast<std::int64_t>(1000 * std::max(300.0, 10'000 / limit)));
    const Figures finding = sender.run(sink, phase / 3);
    const Figures found = sender.run(sink, phase - phase / 3);
    const double seconds = static_cast<double>((phase - phase / 3).count()) / 1000;
    EXPECT_GE(found.taken, 0.9 * limit * seconds) << "limit " << limit << ", rate " << sender.pace.rate();
    EXPECT_LT(found.share(), 0.01) << "limit " << limit;
    all.taken += finding.taken + found.taken;
    all.refused += finding.refused + found.refused;
    allowed += limit * static_cast<double>(phase.count()) / 1000;
  }
  EXPECT_GE(all.taken, 0.9 * allowed);
  EXPECT_LT(all.share(), 0.01);
  RecordProperty("found", std::to_string(all.taken / allowed));
  std::printf("limit %g depth %g: %.1f %% of what is allowed, %.2f %% refused\n", given.limit, given.depth,
              100 * all.taken / allowed, 100 * all.share());
}

}  // namespace
}  // namespace todoku::delivery
