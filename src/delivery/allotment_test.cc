#include "delivery/allotment.h"

#include <gtest/gtest.h>

namespace todoku::delivery {
namespace {

using namespace std::chrono_literals;
using base::Time;
using cluster::Part;

constexpr Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

class AllotmentTest : public testing::Test {
 protected:
  std::vector<cluster::Line> ask(std::int64_t waiting, Time now) {
    std::vector<cluster::Line> lines;
    allotment_.ask(waiting, 0, now, lines);
    return lines;
  }
  /// What is granted and fair alike: connections, mails a second.
  void hear(std::int64_t connections, std::int64_t mails, Time now) {
    const std::vector<Part> parts = {{connections, connections, {}}, {mails, mails, {}}};
    allotment_.hear(parts, now, now, 15s);
  }

  Window second_{20, 1s};
  Allotment allotment_{"r.test", 4, {&second_, 1}};
};

TEST_F(AllotmentTest, AllowsNothingBeforeTheFirstAnswer) {
  EXPECT_TRUE(allotment_.lacking(kStart));
  EXPECT_EQ(allotment_.connections(kStart), 0);
  EXPECT_GT(allotment_.free_at(kStart), kStart);
  (void)ask(100, kStart);
  hear(2, 10, kStart);
  EXPECT_EQ(allotment_.connections(kStart), 2);
  EXPECT_EQ(allotment_.most(0), 10);
  EXPECT_EQ(allotment_.free_at(kStart), kStart);
  EXPECT_FALSE(allotment_.lacking(kStart));
}

TEST_F(AllotmentTest, WhereOthersHaveAllMailsGoBackToTheQueue) {
  (void)ask(100, kStart);
  hear(0, 0, kStart);
  EXPECT_GE(allotment_.connection_at(kStart), kStart + 10s);
  EXPECT_GE(allotment_.free_at(kStart), kStart + 10s);
}

TEST_F(AllotmentTest, WhoWantedNothingUntilNowAsksBeforeItGivesMailsBack) {
  (void)ask(0, kStart);
  hear(0, 0, kStart);
  EXPECT_TRUE(allotment_.lacking(kStart));
  EXPECT_LE(allotment_.connection_at(kStart), kStart + 2s);
  EXPECT_LE(allotment_.free_at(kStart), kStart + 2s);
}

TEST_F(AllotmentTest, WantsFadeAndWhatIsGivenUpCools) {
  (void)ask(100, kStart);
  hear(4, 20, kStart);
  EXPECT_EQ(ask(0, kStart + 1s).at(1).wanted, 10);
  hear(2, 10, kStart + 1s);
  const auto lines = ask(0, kStart + 1500ms);
  EXPECT_EQ(lines.at(1).wanted, 0);
  EXPECT_EQ(lines.at(0).held, 2);
  EXPECT_EQ(lines.at(1).held, 20) << "its mails of the last second still count";
}

}  // namespace
}  // namespace todoku::delivery
