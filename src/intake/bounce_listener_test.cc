#include "intake/bounce_listener.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "intake/test_taker.h"
#include "store/connection.h"

namespace todoku::intake {
namespace {

using namespace std::chrono_literals;
using ::testing::StartsWith;
using tracking::Purpose;

tracking::Tokens keys(std::uint64_t count) {
  std::vector<tracking::TokenKey> all;
  for (std::uint64_t id = 1; id <= count; ++id) {
    all.push_back({id, base::Secret(std::string(tracking::Tokens::kSecretSize, static_cast<char>('a' + id)))});
  }
  return tracking::Tokens(std::move(all));
}

std::string return_path(std::int64_t contact, std::uint64_t key_count = 1) {
  return "bounces+" + keys(key_count).sign(Purpose::return_path, {{1}, {contact}}) + "@bounce.example";
}

class BounceListenerTest : public ::testing::Test {
 protected:
  BounceListenerTest() { visit_.peer = "203.0.113.7"; }
  int asked(const std::string& address) {
    const auto answer = net::run(runtime_, listener_.recipient(visit_, address));
    if (answer.positive()) visit_.recipients.push_back(address);
    return answer.code;
  }
  smtp::Answer sent(std::string content) {
    visit_.content = std::move(content);
    return net::run(runtime_, listener_.message(visit_));
  }

  TestTaker taker_;
  base::SystemClock clock_;
  std::uint64_t key_count_ = 1;
  bool away_ = false;
  tracking::CurrentTokens tokens_{[this] { return away_ ? throw std::runtime_error("away") : keys(key_count_); }, 0s};
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  std::map<std::string, int> counts_;
  BounceListener listener_{
      OwnAddresses::make({"bounce.example"}, {}).value(),
      tokens_,
      taker_,
      runtime_,
      clock_,
      {.place = "0.0.0.0:25", .forged_per_minute = 3, .observe = [this](Recipient recipient, std::string_view result) {
         ++counts_[std::string(to_string(recipient)) + " " + std::string(result)];
       }}};
  smtp::Visit visit_;
};

TEST_F(BounceListenerTest, HandsABounceOn) {
  EXPECT_EQ(asked(return_path(5)), 250);
  EXPECT_EQ(sent("Subject: failure\r\n\r\nUnknown user\r\n").code, 250);
  ASSERT_EQ(taker_.taken.size(), 1U);
  const Arrival& arrival = taker_.taken.front();
  EXPECT_EQ(arrival.road, Road::smtp);
  EXPECT_EQ(arrival.place, "0.0.0.0:25");
  EXPECT_EQ(arrival.recipient, return_path(5));
  EXPECT_EQ(arrival.sender, "");
  EXPECT_EQ(arrival.peer, "203.0.113.7");
  EXPECT_EQ(arrival.content, "Subject: failure\r\n\r\nUnknown user\r\n");
}

TEST_F(BounceListenerTest, OneArrivalForEachRecipient) {
  EXPECT_EQ(asked(return_path(5)), 250);
  EXPECT_EQ(asked("nobody@bounce.example"), 550);
  EXPECT_EQ(asked("postmaster@bounce.example"), 250);
  EXPECT_EQ(sent("x\r\n").code, 250);
  ASSERT_EQ(taker_.taken.size(), 2U);
  for (const Arrival& arrival : taker_.taken) EXPECT_EQ(arrival.content, "x\r\n");
  EXPECT_EQ(taker_.taken[1].recipient, "postmaster@bounce.example");
}

TEST_F(BounceListenerTest, TakesASampleOfForgedOnesAndCountsTheRest) {
  int taken = 0;
  for (int i = 0; i < 1000; ++i) taken += asked("bounces+" + std::to_string(i) + "@bounce.example") == 250 ? 1 : 0;
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(counts_["forged sampled"], 3);
  EXPECT_EQ(counts_["forged refused"], 997);
  EXPECT_EQ(asked(return_path(5)), 250) << "a flood of them holds nothing else up";
}

TEST_F(BounceListenerTest, KnowsAKeyThatWasMadeMeanwhile) {
  key_count_ = 2;
  EXPECT_EQ(asked(return_path(5, 2)), 250);
  EXPECT_EQ(counts_["return_path taken"], 1);
  EXPECT_EQ(asked(return_path(5, 1)), 250) << "older keys verify on";
}

TEST_F(BounceListenerTest, PutsOffWhatItCannotCheckOrStore) {
  away_ = true;
  EXPECT_EQ(asked(return_path(5, 2)), 451);
  EXPECT_EQ(asked(return_path(5)), 250) << "needs no database";
  taker_.fails = [](std::span<const Arrival>) { throw store::Failure(store::Failure::Kind::lost, "away"); };
  const auto answer = sent("x\r\n");
  EXPECT_EQ(answer.code, 451);
  EXPECT_THAT(answer.text, StartsWith("4.3.0"));
  EXPECT_TRUE(taker_.taken.empty());
}

TEST_F(BounceListenerTest, RelaysForNobody) {
  EXPECT_EQ(asked("user@elsewhere.example"), 550);
  EXPECT_EQ(asked("user%elsewhere.example@bounce.example"), 550);
  EXPECT_EQ(asked("user@[127.0.0.1]"), 550);
  EXPECT_TRUE(visit_.recipients.empty());
}

}  // namespace
}  // namespace todoku::intake
