#include "net/runtime.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "net/listener.h"
#include "net/patient_threads.h"
#include "net/signal.h"

namespace todoku::net {
namespace {

using namespace std::chrono_literals;

Task<int> seven() { co_return 7; }
Task<> throws() {
  throw std::runtime_error("broken");
  co_return;
}

TEST(Runtime, RunsTasksAndPassesWhatTheyReturnAndThrow) {
  Runtime runtime;
  EXPECT_EQ(run(runtime, seven()), 7);
  EXPECT_THROW(runtime.run(throws()), std::runtime_error);
  runtime.spawn(throws());  // logged, and the runtime goes on
  EXPECT_EQ(run(runtime, seven()), 7);
  EXPECT_TRUE(runtime.close(1000ms));
  EXPECT_EQ(runtime.tasks(), 0U);
}

Task<std::pair<int, int>> schedulers(Runtime& runtime) {
  const int own = ::sched_getscheduler(0);
  co_return std::pair(own, co_await offload(runtime, [] { return ::sched_getscheduler(0); }));
}

Runtime patient_runtime() {
  const PatientThreads patient;
  return Runtime();
}

TEST(PatientThreads, AreThoseStartedMeanwhile) {
  Runtime ordinary, patient(patient_runtime());
  EXPECT_EQ(run(ordinary, schedulers(ordinary)), std::pair(SCHED_OTHER, SCHED_OTHER));
  EXPECT_EQ(run(patient, schedulers(patient)), std::pair(SCHED_BATCH, SCHED_BATCH));
  EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER);
}

Task<bool> leaves_its_thread_only_for_work(Runtime& runtime) {
  auto home = std::this_thread::get_id();
  auto there = co_await offload(runtime, [] { return std::this_thread::get_id(); });
  bool thrown = false;
  try {
    co_await runtime.offload([] { throw std::runtime_error("in the pool"); });
  } catch (const std::runtime_error&) {
    thrown = true;
  }
  co_return there != home&& std::this_thread::get_id() == home&& thrown;
}

TEST(Runtime, OffloadsWork) {
  Runtime runtime;
  EXPECT_TRUE(run(runtime, leaves_its_thread_only_for_work(runtime)));
}

Task<> wait_for(Signal signal, base::Duration limit, std::atomic<int>& set, std::atomic<int>& not_set) {
  if (co_await signal.wait(limit))
    ++set;
  else
    ++not_set;
}

TEST(Signal, WakesFromOtherThreadsBeforeAndAfter) {
  Runtime runtime;
  std::atomic<int> set = 0, not_set = 0;
  for (int i = 0; i < 2000; ++i) {
    Signal signal;
    runtime.spawn(wait_for(signal, 10'000ms, set, not_set));
    signal.set();
  }
  Signal never;
  runtime.run(wait_for(never, 5ms, set, not_set));
  never.set();
  EXPECT_TRUE(runtime.close(5000ms));
  EXPECT_EQ(set, 2000);
  EXPECT_EQ(not_set, 1);
}

Task<> sleeps(std::atomic<int>& interrupted) {
  if (!co_await sleep(std::chrono::hours(1))) ++interrupted;
}

Task<> reads(Stream stream, std::atomic<int>& cancelled) {
  std::array<char, 16> buffer;
  const IoStatus status = (co_await stream.read_some(buffer, std::chrono::hours(1))).status;
  // The other end, interrupted a moment earlier on its own thread, may have closed first.
  if (status == IoStatus::cancelled || status == IoStatus::closed) ++cancelled;
}

Task<> connects_and_reads(Endpoint to, std::atomic<int>& cancelled) {
  auto stream = co_await Stream::connect(to, {});
  if (stream) co_await reads(std::move(*stream), cancelled);
}

TEST(Runtime, ClosingInterruptsWhatWaits) {
  Runtime runtime;
  std::atomic<int> interrupted = 0, cancelled = 0;
  auto listener = Listener::bind(runtime, {"127.0.0.1", 0}).value();
  listener.start([&](Stream stream) { return reads(std::move(stream), cancelled); });
  for (int i = 0; i < 20; ++i) {
    runtime.spawn(sleeps(interrupted));
    runtime.spawn(connects_and_reads(listener.at(), cancelled));
  }
  while (runtime.tasks() < 61) std::this_thread::yield();  // the listener, 20 sleepers, both ends of 20 connections
  auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(runtime.close(20ms));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
  EXPECT_EQ(interrupted, 20);
  EXPECT_EQ(cancelled, 40);
}

Task<> takes_a_moment(std::atomic<int>& done) {
  if (co_await sleep(50ms)) ++done;
}

TEST(Runtime, ClosingLetsTasksEndWithinTheGrace) {
  Runtime runtime;
  std::atomic<int> done = 0;
  for (int i = 0; i < 20; ++i) runtime.spawn(takes_a_moment(done));
  EXPECT_TRUE(runtime.close(5000ms));
  EXPECT_EQ(done, 20);
  runtime.spawn(takes_a_moment(done));  // dropped
  EXPECT_EQ(runtime.tasks(), 0U);
}

}  // namespace
}  // namespace todoku::net
