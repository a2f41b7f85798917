#include "store/time.h"

#include <gtest/gtest.h>

#include "store/test_store.h"

namespace todoku::store {
namespace {

using namespace std::chrono_literals;

class TimeTest : public StoreTest {};
TODOKU_ON_BOTH_ENGINES(TimeTest);

TEST_P(TimeTest, IsThatOfTheMachineWithTheDatabase) {
  const base::SystemClock here;
  const base::Time before = here.now();
  const base::Time there = time_of(*store().read());
  EXPECT_GE(there, before - 2ms);
  EXPECT_LE(there, here.now() + 2ms);
}

TEST_P(TimeTest, GoesOnInsideATransaction) {
  store().write_now([](Connection& db) {
    const base::Time first = time_of(db);
    base::Time second = first;
    for (int i = 0; i < 1'000'000 && second == first; ++i) second = time_of(db);
    EXPECT_GT(second, first);
  });
}

}  // namespace
}  // namespace todoku::store
