#include "intake/maildir.h"

#include <gmock/gmock.h>

#include <fstream>

#include "intake/maildir_watch.h"
#include "store/test_store.h"

namespace todoku::intake {
namespace {

using testing::ElementsAre;
using testing::SizeIs;
namespace fs = std::filesystem;

class Taken final : public Taker {
 public:
  void take(std::span<const Arrival> arrivals) override {
    if (away) throw store::Failure(store::Failure::Kind::lost, "away");
    for (const Arrival& arrival : arrivals) {
      contents.push_back(arrival.content);
      identities.push_back(arrival.identity);
    }
  }
  void take(std::span<const RelayWord>) override {}
  std::vector<std::string> contents, identities;
  bool away = false;
};

class Maildir : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& content) {
    fs::create_directories(folder_ / "new");
    std::ofstream(folder_ / "new" / name) << content;
  }
  store::TestPlace place_{store::Engine::sqlite};
  fs::path folder_ = place_.folder() / "mails";
  Taken taker_;
  base::SystemClock clock_;
  MaildirWatch watch_{folder_, taker_, clock_};
};

TEST_F(Maildir, TakesInOrderAndMovesWhatWasTaken) {
  put("2.x", "second");
  put("1.x", "first");
  put(".hidden", "no");
  EXPECT_EQ(*watch_.take_some(), 2U);
  EXPECT_THAT(taker_.contents, ElementsAre("first", "second"));
  EXPECT_THAT(taker_.identities, ElementsAre("1.x", "2.x"));
  EXPECT_TRUE(fs::exists(folder_ / "cur" / "1.x:2,"));
  EXPECT_EQ(*watch_.take_some(), 0U);
}

TEST_F(Maildir, LeavesEverythingWhileTheStoreIsAway) {
  put("1.x", "first");
  taker_.away = true;
  EXPECT_THROW((void)watch_.take_some(), store::Failure);
  EXPECT_TRUE(fs::exists(folder_ / "new" / "1.x"));
  taker_.away = false;
  EXPECT_EQ(*watch_.take_some(), 1U);
}

TEST_F(Maildir, SaysWhatIsNoMaildir) {
  const auto taken = watch_.take_some();
  ASSERT_FALSE(taken);
  EXPECT_NE(taken.error().text().find(folder_.string()), std::string::npos);
  EXPECT_FALSE(taken.error().hint.empty());
}

TEST_F(Maildir, TakesManyInGroups) {
  for (int i = 0; i < 250; ++i) put(std::to_string(i), "x" + std::to_string(i));
  std::size_t all = 0;
  for (;;) {
    const std::size_t n = *watch_.take_some();
    EXPECT_LE(n, 100U);
    if (n == 0) break;
    all += n;
  }
  EXPECT_EQ(all, 250U);
  EXPECT_THAT(taker_.contents, SizeIs(250));
}

TEST_F(Maildir, DeliversWholeAndOnce) {
  deliver_to_maildir(folder_, "key", "text");
  deliver_to_maildir(folder_, "key", "text");
  EXPECT_THAT(*new_mails(folder_, 10), SizeIs(1));
  EXPECT_TRUE(fs::is_empty(folder_ / "tmp"));
}

}  // namespace
}  // namespace todoku::intake
