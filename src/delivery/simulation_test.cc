// Millions of virtual mails against modelled receivers: no limit is exceeded, what is allowed is used, and what was
// slowed, blocked or down comes back.
#include <gtest/gtest.h>

#include "delivery/simulator.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Time;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 9h};

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

Allowance allowance(const provider::Limits& limits) {
  Allowance made;
  made.receiver = "model.test";
  made.limits = limits;
  return made;
}

/// Takes everything after so long.
class Quick : public Model {
 public:
  explicit Quick(Duration delay = 50ms) : delay_(delay) {}
  Reaction mail(Time, int) override { return {.answer = {}, .delay = delay_}; }

 private:
  Duration delay_;
};

/// What a model does in a part of the time.
class Spell {
 public:
  Spell(Time from, Time to) : from_(from), to_(to) {}
  [[nodiscard]] bool on(Time now) const { return now >= from_ && now < to_; }

 private:
  Time from_, to_;
};

TEST(Simulation, FixedLimitsAreNeverExceededAndUsed) {
  provider::Limits limits;
  limits.mails_per_second = 40;
  limits.mails_per_minute = 2000;
  limits.mails_per_hour = 60'000;
  limits.mails_per_day = 1'000'000;
  Shape shape(allowance(limits));
  Quick model;
  Referee referees[] = {{40, 1s}, {2000, 1min}, {60'000, 1h}, {1'000'000, 24h}};
  Simulator simulator(shape, model, kStart);
  simulator.on_begin = [&referees](Time now) {
    for (Referee& referee : referees) referee.saw(now);
  };
  simulator.add(10'000'000);
  const auto figures = simulator.run(kStart + 48h);
  for (const Referee& referee : referees) EXPECT_EQ(referee.violations(), 0);
  EXPECT_GE(figures.taken, 1'900'000);
  EXPECT_LE(figures.most_open, limits.connections);
}

TEST(Simulation, EachLimitAloneIsUsedToWithinFivePercent) {
  const auto share = [](provider::Limits limits, double allowed, Duration how_long) {
    Shape shape(allowance(limits));
    Quick model;
    Simulator simulator(shape, model, kStart);
    simulator.add(100'000'000);
    return static_cast<double>(simulator.run(kStart + how_long).taken) / (allowed * seconds(how_long));
  };
  EXPECT_GE(share({.mails_per_second = 0.5}, 0.5, 10h), 0.95);
  EXPECT_GE(share({.mails_per_second = 3}, 3, 1h), 0.95);
  EXPECT_GE(share({.mails_per_second = 7.5}, 7.5, 1h), 0.95);
  EXPECT_GE(share({.connections = 500, .mails_per_second = 5000}, 5000, 60s), 0.95);
  EXPECT_GE(share({.mails_per_minute = 500}, 500.0 / 60, 5h), 0.95);
  EXPECT_GE(share({.mails_per_hour = 3000}, 3000.0 / 3600, 100h), 0.95);
}

TEST(Simulation, ConnectionsAndMailsAConnectionAreKept) {
  Shape shape(allowance({.connections = 4, .mails_per_connection = 20}));
  Quick model(200ms);
  Simulator simulator(shape, model, kStart);
  simulator.add(100'000);
  const auto figures = simulator.run(kStart + 1h);
  EXPECT_EQ(figures.most_open, 4);
  EXPECT_GE(figures.connections, figures.begun / 20);
  EXPECT_GE(static_cast<double>(figures.taken), 0.95 * 3600 * 4 * 20 / (20 * 0.2 + 0.05));
}

/// A hidden bucket of mails a second, and a hidden number of connections.
class Strict : public Model {
 public:
  double limit = 100;
  int connections = 1000;
  double depth = 1;  // seconds
  Reaction connection(Time, int open) override {
    return {.answer = {.sign = open < connections ? Sign::taken : Sign::too_many_connections, .of_the_sender = true}};
  }
  Reaction mail(Time now, int) override {
    tokens_ = std::min(tokens_ + limit * seconds(now - last_), std::max(limit * depth, 1.0));
    last_ = now;
    if (tokens_ < 1) return {.answer = {.sign = Sign::slow_down, .code = 451}};
    tokens_ -= 1;
    return {};
  }

 private:
  double tokens_ = 0;
  Time last_ = kStart;
};

TEST(Simulation, AHiddenRateThatChangesIsFound) {
  for (const double most : {5.0, 50.0, 500.0, 5000.0}) {
    Shape shape(allowance({.connections = 400, .mails_per_connection = 1000, .start_per_second = 5}));
    Strict model;
    Simulator simulator(shape, model, kStart);
    simulator.add(100'000'000);
    double allowed = 0;
    std::int64_t taken = 0;
    std::int64_t slowed = 0;
    for (const double factor : {1.0, 0.3, 0.9}) {
      model.limit = most * factor;
      const auto phase = Duration(static_cast<std::int64_t>(1000 * std::max(240.0, 8000 / model.limit)));
      const auto figures = simulator.run(simulator.now() + phase);
      allowed += model.limit * seconds(phase);
      taken += figures.taken;
      slowed += figures.slowed;
    }
    EXPECT_GE(static_cast<double>(taken), 0.9 * allowed) << most;
    EXPECT_LT(static_cast<double>(slowed), 0.01 * static_cast<double>(taken)) << most;
    std::printf("hidden rate %g/s: %.1f %% used, %.2f %% slowed\n", most, 100 * static_cast<double>(taken) / allowed,
                100 * static_cast<double>(slowed) / static_cast<double>(taken));
  }
}

TEST(Simulation, AHiddenNumberOfConnectionsThatChangesIsFound) {
  for (const int most : {1, 3, 20}) {
    Shape shape(allowance({.connections = 30, .mails_per_connection = 100}));
    Strict model;
    model.limit = 1e9;
    Simulator simulator(shape, model, kStart);
    simulator.add(100'000'000);
    double allowed = 0;
    std::int64_t taken = 0;
    std::int64_t refused = 0;
    for (const double factor : {1.0, 0.5, 1.3}) {
      model.connections = std::max(1, static_cast<int>(most * factor));
      const auto figures = simulator.run(simulator.now() + 1h);
      allowed += model.connections * 3600 * 100 / (100 * 0.05 + 0.05);
      taken += figures.taken;
      refused += figures.refused_connections;
      EXPECT_LE(figures.most_open, std::max(model.connections, most));
    }
    EXPECT_GE(static_cast<double>(taken), 0.9 * allowed) << most;
    EXPECT_LT(static_cast<double>(refused), 0.01 * static_cast<double>(taken)) << most;
    std::printf("hidden connections %d: %.1f %% used, %.3f %% refused\n", most,
                100 * static_cast<double>(taken) / allowed,
                100 * static_cast<double>(refused) / static_cast<double>(taken));
  }
}

TEST(Simulation, GreylistingMakesNobodySlower) {
  class Greylist final : public Model {
    Reaction mail(Time, int attempt) override {
      return {.answer = {.sign = attempt == 1 ? Sign::refused : Sign::taken, .code = attempt == 1 ? 451 : 250}};
    }
  } model;
  Shape shape(allowance({.connections = 10}));
  Simulator simulator(shape, model, kStart);
  simulator.add(100'000);
  const auto figures = simulator.run(kStart + 1h);
  EXPECT_EQ(figures.taken, 100'000);
  EXPECT_EQ(figures.refused, 100'000);
  EXPECT_EQ(simulator.waiting(), 0);
  EXPECT_TRUE(shape.pace().open());
}

TEST(Simulation, ATarpitHoldsItsConnectionsAndNoMore) {
  Shape shape(allowance({.connections = 10}));
  Quick model(20s);
  Simulator simulator(shape, model, kStart);
  simulator.add(1'000'000);
  const auto figures = simulator.run(kStart + 10h);
  EXPECT_EQ(figures.most_open, 10);
  EXPECT_GE(static_cast<double>(figures.taken), 0.95 * 10 * 3600 * 10 / 20);
}

TEST(Simulation, AfterAnOutageItIsAsFastAsBefore) {
  class Dying final : public Strict {
   public:
    Spell outage{kStart + 1h, kStart + 2h};
    Reaction connection(Time now, int open) override {
      if (outage.on(now)) return {.answer = {.sign = Sign::lost}, .delay = 30s};
      return Strict::connection(now, open);
    }
    Reaction mail(Time now, int attempt) override {
      if (outage.on(now)) return {.answer = {.sign = Sign::lost}, .delay = 30s};
      return Strict::mail(now, attempt);
    }
  } model;
  Shape shape(allowance({.connections = 50, .start_per_second = 5}));
  Simulator simulator(shape, model, kStart);
  simulator.add(100'000'000);
  const auto before = simulator.run(kStart + 1h);
  const auto during = simulator.run(kStart + 2h);
  simulator.run(kStart + 2h + 10min);
  const auto after = simulator.run(kStart + 3h + 10min);
  EXPECT_GE(static_cast<double>(before.taken), 0.9 * 100 * 3600);
  EXPECT_LE(during.taken, 50) << "what was under way";
  EXPECT_LE(during.connections, 3600 / 30 + 1);
  EXPECT_GE(static_cast<double>(after.taken), 0.9 * 100 * 3600);
  EXPECT_LT(after.slowed_share(), 0.01);
}

TEST(Simulation, ABlockStopsEverythingButATryNowAndThen) {
  class Blocking final : public Strict {
   public:
    Spell block{kStart + 1h, kStart + 4h};
    Reaction mail(Time now, int attempt) override {
      if (block.on(now)) return {.answer = {.sign = Sign::blocked, .code = 550}};
      return Strict::mail(now, attempt);
    }
  } model;
  Shape shape(allowance({.connections = 20}));
  Simulator simulator(shape, model, kStart);
  simulator.add(100'000'000);
  const auto before = simulator.run(kStart + 1h);
  const auto during = simulator.run(kStart + 4h);
  EXPECT_TRUE(shape.suspended());
  EXPECT_LE(during.begun, 20 + 6) << "what was under way, and a few tries";
  EXPECT_LE(during.taken, 20);
  simulator.run(shape.rests_until() + 2min);
  EXPECT_FALSE(shape.suspended());
  const auto after = simulator.run(simulator.now() + 1h);
  EXPECT_GE(static_cast<double>(after.taken), 0.95 * static_cast<double>(before.taken));
  EXPECT_LT(after.slowed_share(), 0.01);
}

/// What the database does for it every second.
void exchange(WarmUpShare& share, WarmUp& account, std::int64_t waiting, Time now) {
  WarmUpShare::Asking asking;
  if (!share.ask(waiting, now, asking)) return;
  account.give_back(asking.unused, asking.day);
  account.answered(asking.answers, now);
  const std::int64_t granted = account.take(asking.wanted, now);
  share.hear({.day = account.state().day, .granted = granted, .cap = account.cap(now)});
}

TEST(Simulation, ANewAddressGrowsDayByDayAndTheOldOneTakesTheRest) {
  const std::vector<Source> sources = {{.address = "192.0.2.1", .helo = "", .warm_up = {}},
                                       {.address = "192.0.2.2", .helo = "", .warm_up = {100, 200, 400}}};
  Shape shape(allowance({.connections = 4, .mails_per_second = 20}), sources);
  WarmUp account(sources[1].warm_up);
  Quick model;
  Simulator simulator(shape, model, kStart);
  for (int day = 0; day < 3; ++day) {
    const Time begin = kStart + day * 24h;
    simulator.add(4000);
    std::int64_t taken = 0;
    for (Time now = begin; now < begin + 1h; now += 1s) {
      taken += simulator.run(now).taken;
      exchange(*shape.sources().warm_up(1), account, simulator.waiting(), now);
    }
    EXPECT_EQ(taken, 4000) << day;
    EXPECT_EQ(account.state().sent, 100 << day);
    simulator.run(begin + 24h);
  }
}

}  // namespace
}  // namespace todoku::delivery
