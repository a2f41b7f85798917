#include "delivery/recorder.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "delivery/test_peer.h"
#include "store/test_store.h"

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;

class RecorderTest : public store::StoreTest {
 protected:
  static queue::Outcome outcome_of(std::int64_t contact) {
    queue::Outcome outcome;
    outcome.campaign = {1};
    outcome.contact = {contact};
    outcome.site = "site.test";
    return outcome;
  }

  static net::Task<bool> durable(net::Signal signal) { co_return co_await signal.wait(10s); }

  OutcomeMemory sink_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
};
TODOKU_ON_BOTH_ENGINES(RecorderTest);

TEST_P(RecorderTest, OneIsWrittenHoweverManyOthersAreAtWork) {
  Recorder recorder(store(), sink_, runtime_);
  EXPECT_TRUE(net::run(runtime_, durable(recorder.record(outcome_of(1), 100'000))));
  EXPECT_EQ(sink_.all().size(), 1U);
}

TEST_P(RecorderTest, EachIsWrittenOnce) {
  Recorder recorder(store(), sink_, runtime_);
  std::vector<net::Signal> signals;
  for (int i = 1; i <= 500; ++i) signals.push_back(recorder.record(outcome_of(i), i % 7 == 0 ? 1 : 300));
  for (const net::Signal& signal : signals) EXPECT_TRUE(net::run(runtime_, durable(signal)));
  std::vector<std::int64_t> written;
  for (const queue::Outcome& outcome : sink_.all()) written.push_back(outcome.contact.value);
  EXPECT_TRUE(std::ranges::is_sorted(written));
  EXPECT_EQ(written.size(), 500U);
  while (!recorder.idle()) std::this_thread::yield();
}

TEST_P(RecorderTest, AJobComesBehindTheOutcomesThatWaited) {
  Recorder recorder(store(), sink_, runtime_);
  const net::Signal signal = recorder.record(outcome_of(1), 100'000);
  std::promise<std::size_t> before;
  recorder.then([this, &before](store::Connection&) { before.set_value(sink_.all().size()); });
  EXPECT_EQ(before.get_future().get(), 1U);
  EXPECT_TRUE(net::run(runtime_, durable(signal)));
  while (!recorder.idle()) std::this_thread::yield();
}

}  // namespace
}  // namespace todoku::delivery
