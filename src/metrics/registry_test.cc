#include "metrics/registry.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <thread>

namespace todoku::metrics {
namespace {

using ::testing::HasSubstr;

TEST(Registry, WritesWhatPrometheusReads) {
  Registry registry;
  Counter& mails = registry.counter({"mails_total", "Mails.", {"provider", "result"}});
  registry.counter({"runs_total", "Runs."});
  registry.gauge({"temperature", "Now."}, [] { return 36.6; });
  Histogram& seconds = registry.histogram({"seconds", "How long.", {"what"}}, {0.5, 1});
  mails.add({"gmail", "de\"liv\\ered\n"}, 2);
  mails.add({"gmail", "failed"});
  for (const double value : {0.25, 0.5, 0.75, 8.0}) seconds.observe({"dns"}, value);
  EXPECT_EQ(
      registry.text(),
      "# HELP mails_total Mails.\n# TYPE mails_total counter\n"
      "mails_total{provider=\"gmail\",result=\"de\\\"liv\\\\ered\\n\"} 2\n"
      "mails_total{provider=\"gmail\",result=\"failed\"} 1\n"
      "# HELP runs_total Runs.\n# TYPE runs_total counter\nruns_total 0\n"
      "# HELP temperature Now.\n# TYPE temperature gauge\ntemperature 36.6\n"
      "# HELP seconds How long.\n# TYPE seconds histogram\n"
      "seconds_bucket{what=\"dns\",le=\"0.5\"} 2\nseconds_bucket{what=\"dns\",le=\"1\"} 3\n"
      "seconds_bucket{what=\"dns\",le=\"+Inf\"} 4\nseconds_sum{what=\"dns\"} 9.5\nseconds_count{what=\"dns\"} 4\n");
}

TEST(Registry, KeepsTheNumberOfSeriesWithinBounds) {
  Registry registry;
  Counter& counter = registry.counter({"c", "C.", {"x"}});
  registry.gauge({"g", "G.", {"x"}}, [] {
    Reading::Series series;
    for (std::size_t i = 0; i < 2 * Family::kMaxSeries; ++i) series[{std::to_string(i)}] = 1;
    return series;
  });
  for (std::size_t i = 0; i < 2 * Family::kMaxSeries; ++i) counter.add({std::to_string(i)});
  EXPECT_EQ(counter.value({"other"}), Family::kMaxSeries);
  EXPECT_EQ(counter.value({"0"}), 1);
  EXPECT_THAT(registry.text(), HasSubstr("c{x=\"other\"} 500\n"));
  EXPECT_THAT(registry.text(), HasSubstr("g{x=\"other\"} 500\n"));
  const std::string text = registry.text();
  EXPECT_EQ(std::ranges::count(text, '\n'), 2 * (2 + Family::kMaxSeries + 1));
}

TEST(Registry, CountsFromSeveralThreads) {
  Registry registry;
  Counter& counter = registry.counter({"c", "C."});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&counter] {
      for (int i = 0; i < 1000; ++i) counter.add();
    });
  }
  threads.clear();
  EXPECT_EQ(counter.value(), 4000);
}

}  // namespace
}  // namespace todoku::metrics
