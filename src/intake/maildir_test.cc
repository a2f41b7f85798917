#include "intake/maildir.h"

#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <unistd.h>

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
      lacking.push_back(arrival.lacking);
    }
  }
  void take(std::span<const RelayWord>) override {}
  std::vector<std::string> contents, identities, lacking;
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

TEST_F(Maildir, TakesTheBeginningOfWhatIsTooLargeAndSaysSo) {
  put("1.large", "From: MAILER-DAEMON@mx.example\n\n");
  fs::resize_file(folder_ / "new" / "1.large", kLargestMail + 1);
  put("2.small", "x");
  EXPECT_EQ(*watch_.take_some(), 1U) << "a group ends behind a large one";
  ASSERT_THAT(taker_.contents, SizeIs(1));
  EXPECT_EQ(taker_.contents[0].size(), kLargestMail);
  EXPECT_THAT(taker_.lacking[0], testing::HasSubstr("first 64 MiB"));
  EXPECT_TRUE(fs::exists(folder_ / "cur" / "1.large:2,"));
  EXPECT_EQ(*watch_.take_some(), 1U);
  EXPECT_EQ(taker_.lacking[1], "");
}

/// This thread without root's rights to every file.
class WithoutRights {
 public:
  WithoutRights() { ::setfsuid(kNobody); }
  ~WithoutRights() { ::setfsuid(::geteuid()); }
  WithoutRights(const WithoutRights&) = delete;
  WithoutRights& operator=(const WithoutRights&) = delete;
  static constexpr uid_t kNobody = 65534;
};

TEST_F(Maildir, TellsOfWhatItMayNotRead) {
  put("1.closed", "secret");
  put("2.open", "x");
  fs::create_directories(folder_ / "cur");
  fs::permissions(folder_ / "new" / "1.closed", fs::perms::none);
  if (::geteuid() == 0) {
    for (const char* part : {"", "new", "cur"}) {
      ASSERT_EQ(::chown((folder_ / part).c_str(), WithoutRights::kNobody, static_cast<gid_t>(-1)), 0);
    }
    fs::permissions(place_.folder(), fs::perms::all);
  }
  {
    const WithoutRights without;
    EXPECT_EQ(*watch_.take_some(), 2U);
  }
  EXPECT_THAT(taker_.contents, ElementsAre("", "x"));
  EXPECT_THAT(taker_.lacking[0], testing::HasSubstr("cannot be read"));
  EXPECT_TRUE(fs::exists(folder_ / "cur" / "1.closed:2,"));
}

TEST_F(Maildir, LeavesWhatSomebodyElseMoved) {
  put("1.x", "first");
  const auto mails = new_mails(folder_, 1);
  mark_as_met(mails->front());
  mark_as_met(mails->front());
  EXPECT_TRUE(fs::exists(folder_ / "cur" / "1.x:2,"));
}

TEST_F(Maildir, DeliversWholeAndOnce) {
  deliver_to_maildir(folder_, "key", "text");
  deliver_to_maildir(folder_, "key", "text");
  EXPECT_THAT(*new_mails(folder_, 10), SizeIs(1));
  EXPECT_TRUE(fs::is_empty(folder_ / "tmp"));
}

}  // namespace
}  // namespace todoku::intake
