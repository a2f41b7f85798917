#include "intake/spoofing/advice.h"

#include <gmock/gmock.h>

#include "intake/spoofing/leap.h"

namespace todoku::intake::spoofing {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

Picture calm(const std::string& policy) {
  Picture picture;
  picture.policy = policy;
  picture.reports = 40;
  picture.report_days = 20;
  picture.own = {.mails = 10'000};
  picture.elsewhere = {.mails = 300, .unaligned = 300};
  return picture;
}

TEST(AdviceTest, TightensStepByStepWhereAllOfOursPasses) {
  EXPECT_THAT(advise(calm("none")), ElementsAre(Advice::start_quarantine));
  EXPECT_THAT(advise(calm("")), ElementsAre(Advice::start_quarantine));
  EXPECT_THAT(advise(calm("quarantine")), ElementsAre(Advice::go_to_reject));
  EXPECT_THAT(advise(calm("reject")), ElementsAre(Advice::stay));
  Picture partly = calm("quarantine");
  partly.percent = 50;
  EXPECT_THAT(advise(partly), ElementsAre(Advice::raise_percent));
}

TEST(AdviceTest, WaitsForEnoughReports) {
  Picture picture = calm("none");
  picture.report_days = 13;
  EXPECT_THAT(advise(picture), ElementsAre(Advice::wait_for_reports));
  picture = calm("none");
  picture.own.mails = 99;
  EXPECT_THAT(advise(picture), ElementsAre(Advice::wait_for_reports));
  EXPECT_THAT(advise(Picture{}), ElementsAre(Advice::ask_for_reports));
}

TEST(AdviceTest, RepairsOursFirst) {
  Picture picture = calm("none");
  picture.own.unaligned = 21;
  EXPECT_THAT(advise(picture), ElementsAre(Advice::repair_own));
  picture.own.unaligned = 20;
  EXPECT_THAT(advise(picture), ElementsAre(Advice::start_quarantine)) << "forwarding breaks a few";
  picture.policy = "reject";
  picture.own.unaligned = 500;
  EXPECT_THAT(advise(picture), ElementsAre(Advice::repair_own, Advice::stay));
}

TEST(AdviceTest, AskForPasswordsToBeChangedWhereStrangersPass) {
  Picture picture = calm("none");
  picture.authorised = {.mails = 9};
  EXPECT_THAT(advise(picture), Not(Contains(Advice::change_passwords)));
  picture.authorised.mails = 10;
  EXPECT_THAT(advise(picture), ElementsAre(Advice::change_passwords)) << "and no policy is tightened meanwhile";
}

TEST(AdviceTest, ClosesSubdomains) {
  Picture picture = calm("reject");
  picture.sub_policy = "none";
  EXPECT_THAT(advise(picture), ElementsAre(Advice::stay, Advice::close_subdomains));
}

TEST(AdviceTest, SaysWhatWouldBeRefusedAndWhoseItIs) {
  Picture picture = calm("none");
  picture.own.unaligned = 7;
  picture.forwarded = {.mails = 20, .unaligned = 3};
  const Refusal refusal = would_be_refused(picture);
  EXPECT_EQ(refusal.mails, 310);
  EXPECT_EQ(refusal.own, 7);
  EXPECT_EQ(refusal.forwarded, 3);
}

TEST(LeapTest, IsFarAboveTheMeanAndTheHighestDay) {
  const std::int64_t quiet[] = {10, 0, 12, 8, 40};
  EXPECT_FALSE(usual_if_leapt({}, quiet, 49)) << "too few to matter";
  EXPECT_FALSE(usual_if_leapt({}, quiet, 60)) << "near the highest day";
  EXPECT_DOUBLE_EQ(usual_if_leapt({}, quiet, 61).value_or(-1), 14);
  const std::int64_t busy[] = {1000, 1100, 900, 1000};
  EXPECT_FALSE(usual_if_leapt({}, busy, 3000));
  EXPECT_TRUE(usual_if_leapt({}, busy, 3001));
}

TEST(LeapTest, NeedsAHistoryOrManyMails) {
  const std::int64_t two[] = {0, 0};
  EXPECT_FALSE(usual_if_leapt({}, two, 499));
  EXPECT_TRUE(usual_if_leapt({}, two, 500));
  EXPECT_FALSE(usual_if_leapt({}, {}, 499));
  EXPECT_TRUE(usual_if_leapt({}, {}, 500));
}

}  // namespace
}  // namespace todoku::intake::spoofing
