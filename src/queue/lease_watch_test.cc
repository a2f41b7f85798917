#include "queue/lease_watch.h"

#include <gmock/gmock.h>

namespace todoku::queue {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const base::Time kNow = base::from_stored(1'700'000'000'000);
constexpr base::Duration kPatience = 60s;

/// The leases of two nodes, watched every five seconds.
class LeaseWatchTest : public testing::Test {
 protected:
  std::vector<Lease> look() {
    now_ += 5s;
    return watch_.dead(leases_, now_);
  }
  std::vector<Lease> look_for(base::Duration time) {
    std::vector<Lease> dead;
    for (const base::Time end = now_ + time; dead.empty() && now_ < end;) dead = look();
    return dead;
  }

  LeaseWatch watch_{kPatience};
  base::Time now_ = kNow;
  std::vector<Lease> leases_ = {{"ahead", kNow + 3h}, {"behind", kNow - 3h}};
};

TEST_F(LeaseWatchTest, ALeaseThatStandsStillIsDeadAfterItsLengthWhateverItsEndSays) {
  EXPECT_THAT(look_for(kPatience), IsEmpty());
  EXPECT_THAT(look(), ElementsAre(leases_[0], leases_[1]));
}

TEST_F(LeaseWatchTest, WhoRenewsLives) {
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(look_for(20s), IsEmpty());
    for (Lease& lease : leases_) lease.end += 20s;
  }
  leases_[1].end -= 7h;  // its clock was set back: it has renewed all the same
  EXPECT_THAT(look_for(kPatience), IsEmpty());
  leases_[1].end += 1s;
  EXPECT_THAT(look_for(10s), ElementsAre(leases_[0]));
}

TEST_F(LeaseWatchTest, WhoCouldNotWatchBeginsAnew) {
  EXPECT_THAT(look_for(50s), IsEmpty());
  now_ += 40s;
  EXPECT_THAT(look_for(kPatience), IsEmpty()) << "the watcher stood still";
  watch_.forget();
  EXPECT_THAT(look_for(kPatience), IsEmpty());
  EXPECT_THAT(look_for(10s), ElementsAre(leases_[0], leases_[1]));
}

}  // namespace
}  // namespace todoku::queue
