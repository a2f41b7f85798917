#include "intake/spoofing/picture.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "intake/spoofing/sources.h"
#include "store/test_store.h"

namespace todoku::intake::spoofing {
namespace {

using authentication::DmarcReport;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr base::Time kBegin{std::chrono::seconds(1'795'478'400)};
constexpr base::Time kNow = kBegin + std::chrono::hours(40);
constexpr char kDomain[] = "news.example.jp";

DmarcReport seed(const std::string& name) {
  std::ifstream file(TODOKU_SOURCE_DIR "/fuzz/seeds/dmarc_report/" + name, std::ios::binary);
  auto report = authentication::parse_dmarc_report(std::string{std::istreambuf_iterator<char>(file), {}});
  EXPECT_TRUE(report.ok()) << name;
  return *std::move(report);
}

class PictureTest : public store::StoreTest {
 protected:
  PictureTest() {
    run("insert into dkim_key (domain, selector, algorithm, state, public_key, created_at) values "
        "('news.example.jp', 't20261101', 'rsa-sha256', 'active', 'x', 1)");
    own_ = *OwnSources::make(std::vector<std::string>{"192.0.2.10"});
  }

  bool proven_ = true;  // of the next reports

  bool record(const DmarcReport& report, base::Time now = kNow) {
    bool added = false;
    store().write_now([&](store::Connection& db) {
      const auto changed = record_report(db, report, {.proven = proven_}, now);
      added = changed.has_value();
      if (changed) watch(db, changed->domain, changed->days, own_, now);
    });
    return added;
  }
  bool sight(const Sighting& sighting, base::Time now = kNow) {
    bool added = false;
    store().write_now([&](store::Connection& db) {
      const auto changed = record_sighting(db, sighting, now);
      added = changed.has_value();
      if (changed) watch(db, changed->domain, changed->days, own_, now);
    });
    return added;
  }
  /// A day's report of so many mails from elsewhere.
  static DmarcReport spoofed(int day, std::int64_t mails, bool aligned = false) {
    DmarcReport report;
    report.organisation = "receiver.example";
    report.id = std::to_string(day) + (aligned ? "a" : "");
    report.policy = {.domain = kDomain, .policy = "none"};
    report.begin = kBegin + std::chrono::days(day);
    report.rows.push_back({.source = "203.0.113.77", .mails = mails, .spf_aligned = aligned, .header_from = kDomain});
    return report;
  }
  Picture picture(base::Time now = kNow, int days = 30) {
    return read_picture(*store().read(), kDomain, days, own_, now);
  }

  OwnSources own_;
};
TODOKU_ON_BOTH_ENGINES(PictureTest);

TEST_P(PictureTest, TellsOursFromForwardedAndFromElsewhere) {
  for (const char* name : {"google.xml", "yahoo.xml", "microsoft.xml", "fastmail.xml", "comcast.xml"})
    record(seed(name));
  const Picture seen = picture();
  EXPECT_EQ(seen.reports, 5);
  EXPECT_EQ(seen.receivers, 5);
  EXPECT_EQ(seen.report_days, 1);
  EXPECT_EQ(seen.own.mails, 120 + 14 + 7);
  EXPECT_EQ(seen.own.unaligned, 0);
  EXPECT_EQ(seen.forwarded.mails, 2 + 2) << "our signature holds; with and without a selector in the report";
  EXPECT_EQ(seen.authorised.mails, 0);
  EXPECT_EQ(seen.elsewhere.mails, 31 + 3 + 1);
  EXPECT_EQ(seen.elsewhere.unaligned, 35);
  EXPECT_EQ(seen.elsewhere.quarantined, 3);
  EXPECT_EQ(seen.elsewhere.refused, 1);
  ASSERT_FALSE(seen.sources.empty());
  EXPECT_EQ(seen.sources[0].address, "192.0.2.10");
  EXPECT_EQ(seen.sources[1].address, "203.0.113.77");
  EXPECT_EQ(seen.sources[1].volume.mails, 32);
  EXPECT_THAT(pictured_domains(*store().read(), 30, kNow), ElementsAre(kDomain));
}

TEST_P(PictureTest, CountsAReportOnce) {
  EXPECT_TRUE(record(seed("google.xml")));
  EXPECT_FALSE(record(seed("google.xml")));
  EXPECT_EQ(picture().own.mails, 120);
}

TEST_P(PictureTest, PassingFromAnUnknownPlaceIsNotElsewhere) {
  record(spoofed(0, 12, true));
  const Picture seen = picture();
  EXPECT_EQ(seen.authorised.mails, 12);
  EXPECT_EQ(seen.elsewhere.mails, 0);
}

TEST_P(PictureTest, KeepsTheSourcesOfTheMostMailsOfAReport) {
  DmarcReport report = spoofed(0, 1);
  report.rows.clear();
  for (int i = 0; i < 20'000; ++i) {
    report.rows.push_back({.source = "203.0." + std::to_string(i / 250) + "." + std::to_string(i % 250),
                           .mails = i < 10 ? 100 : 1,
                           .header_from = kDomain});
  }
  record(report);
  const Picture seen = picture();
  EXPECT_EQ(seen.elsewhere.mails, 1000 + 19'990);
  EXPECT_LE(seen.sources.size(), 1001U);
  EXPECT_EQ(seen.sources[0].address, "") << "the many as one";
  EXPECT_EQ(seen.sources[1].volume.mails, 100);
}

TEST_P(PictureTest, BouncesAndComplaintsAddWhatTheyTell) {
  EXPECT_TRUE(sight({.from_domain = kDomain, .own_domain = "bounces.news.example.jp", .address = "198.51.100.9"}));
  EXPECT_TRUE(sight({.spring = Spring::complaint, .from_domain = kDomain, .own_domain = "", .address = "198.51.100.9"}))
      << "a key of ours is for that domain";
  EXPECT_FALSE(
      sight({.from_domain = "other.example", .own_domain = "bounces.news.example.jp", .address = "198.51.100.9"}));
  EXPECT_FALSE(sight({.from_domain = "", .own_domain = "bounces.news.example.jp"}));
  EXPECT_TRUE(sight({.from_domain = "bank.example", .own_domain = "bounces.news.example.jp", .forged = true}));
  const Picture seen = picture();
  EXPECT_EQ(seen.bounces, 1);
  EXPECT_EQ(seen.complaints, 1);
  ASSERT_THAT(seen.sources, SizeIs(1));
  EXPECT_EQ(seen.sources[0].origin, Origin::elsewhere);
  EXPECT_EQ(seen.elsewhere.mails, 0) << "no receiver's report";
  EXPECT_EQ(read_picture(*store().read(), "bounces.news.example.jp", 30, own_, kNow).bounces, 1);
}

TEST_P(PictureTest, AlertsAboveTheUsualOnceADay) {
  base::Time now = kNow;
  for (int day = 0; day < 10; ++day, now += std::chrono::days(1)) record(spoofed(day, 20 + day % 3), now);
  EXPECT_THAT(open_alerts(*store().read(), ""), IsEmpty());
  record(spoofed(10, 90), now);
  auto alerts = open_alerts(*store().read(), kDomain);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].kind, "elsewhere");
  EXPECT_EQ(alerts[0].mails, 90);
  EXPECT_NEAR(alerts[0].usual, 20.9, 0.05);
  EXPECT_EQ(alerts[0].address, "203.0.113.77");
  DmarcReport more = spoofed(10, 60);
  more.organisation = "other.example";
  record(more, now);
  alerts = open_alerts(*store().read(), kDomain);
  ASSERT_THAT(alerts, SizeIs(1));
  EXPECT_EQ(alerts[0].mails, 150);
  EXPECT_EQ(count_open_alerts(*store().read()).at("elsewhere"), 1);
  store().write_now([&](store::Connection& db) { EXPECT_EQ(acknowledge(db, kDomain, now), 1); });
  EXPECT_THAT(picture(now).alerts, IsEmpty());
}

TEST_P(PictureTest, AReportOfNobodyKnownRaisesNoAlarm) {
  proven_ = false;
  record(spoofed(0, 5000));
  EXPECT_THAT(open_alerts(*store().read(), ""), IsEmpty());
  EXPECT_EQ(picture().unproven, 5000);
  EXPECT_EQ(picture().elsewhere.mails, 0);
  proven_ = true;
  record(spoofed(0, 600));  // the receiver's own of the same name
  EXPECT_THAT(open_alerts(*store().read(), ""), SizeIs(1));
  EXPECT_EQ(picture().elsewhere.mails, 600);
  proven_ = false;
  EXPECT_FALSE(record(spoofed(0, 5000)));
}

TEST_P(PictureTest, OldReportsAreHistoryNotNews) {
  record(spoofed(-60, 5000));
  record(spoofed(-20, 5000));
  EXPECT_THAT(open_alerts(*store().read(), ""), IsEmpty());
}

TEST_P(PictureTest, NamesAreLookedUpOnceAMonth) {
  record(seed("google.xml"));
  auto db = store().read();
  EXPECT_THAT(nameless_addresses(*db, kNow, 2), ElementsAre("192.0.2.10", "203.0.113.77"));
  store().write_now([&](store::Connection& w) {
    keep_host_name(w, "203.0.113.77", "host77.elsewhere.example", kNow);
    keep_host_name(w, "192.0.2.10", "", kNow);
  });
  EXPECT_THAT(nameless_addresses(*db, kNow, 9), ElementsAre("2001:db8:4::25"));
  EXPECT_EQ(picture().sources[1].name, "host77.elsewhere.example");
  EXPECT_THAT(nameless_addresses(*db, kNow + std::chrono::days(30) + 1ms, 9), SizeIs(3));
}

}  // namespace
}  // namespace todoku::intake::spoofing
