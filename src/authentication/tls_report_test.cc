#include "authentication/tls_report.h"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "authentication/tls_result_store.h"
#include "store/test_store.h"

namespace todoku::authentication {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

ReportUris uris(std::vector<std::string> records) { return tls_report_uris(records); }

// RFC 8460 section 3.
TEST(TlsReportRecord, AsksForMailOrHttps) {
  EXPECT_THAT(uris({"v=TLSRPTv1;rua=mailto:reports@example.com"}).mail, ElementsAre("reports@example.com"));
  EXPECT_THAT(uris({"v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"}).https,
              ElementsAre("https://reporting.example.com/v1/tlsrpt"));
  const auto both = uris({"v=TLSRPTv1; rua=mailto:a@example.com?subject=x, https://b.example/ ,MAILTO:c@d.example"});
  EXPECT_THAT(both.mail, ElementsAre("a@example.com", "c@d.example"));
  EXPECT_THAT(both.https, SizeIs(1));
}

TEST(TlsReportRecord, WhatIsNoneAsksForNothing) {
  EXPECT_TRUE(uris({}).empty());
  EXPECT_TRUE(uris({"v=TLSRPTv1;rua=mailto:a@b.example", "v=TLSRPTv1;rua=mailto:a@b.example"}).empty());
  for (const char* broken : {"v=TLSRPTv1", "v=TLSRPTv2; rua=mailto:a@b", "v=TLSRPTv1; rua=http://a.example/",
                             "v=TLSRPTv1; rua=mailto:nobody", "v=TLSRPTv1; rua=mailto:a@b>,mailto:@b,mailto:a@b@c"}) {
    EXPECT_TRUE(uris({broken}).empty()) << broken;
  }
}

TlsReport report() {
  TlsReport made{.organisation = "届く商店",
                 .contact = "postmaster@origin.example",
                 .submitter = "origin.example",
                 .domain = "company-y.example",
                 .day = 16892,  // 2016-04-01, as in the RFC's example
                 .policies = {}};
  PolicyResults sts;
  sts.policy = {.kind = PolicyKind::sts,
                .strings = {"version: STSv1", "mode: testing", "mx: *.mail.company-y.example", "max_age: 86400"},
                .mx = {"*.mail.company-y.example"}};
  sts.good = 5326;
  sts.failures.push_back(
      {"certificate-expired", "mx1.mail.company-y.example", "198.51.100.58", "2001:db8::1", "", 100});
  sts.failures.push_back(
      {"starttls-not-supported", "mx2.mail.company-y.example", "203.0.113.58", "2001:db8::1", "x", 203});
  made.policies.push_back(sts);
  return made;
}

// RFC 8460 appendix B.
TEST(TlsReport, JsonHasTheFormOfTheRfc) {
  const auto read = boost::json::parse(to_json(report())).as_object();
  EXPECT_EQ(read.at("organization-name").as_string(), "届く商店");
  EXPECT_EQ(read.at("date-range").at("start-datetime").as_string(), "2016-04-01T00:00:00Z");
  EXPECT_EQ(read.at("date-range").at("end-datetime").as_string(), "2016-04-01T23:59:59Z");
  const auto& policy = read.at("policies").as_array().at(0);
  EXPECT_EQ(policy.at("policy").at("policy-type").as_string(), "sts");
  EXPECT_EQ(policy.at("policy").at("policy-domain").as_string(), "company-y.example");
  EXPECT_EQ(policy.at("policy").at("policy-string").as_array().size(), 4U);
  EXPECT_EQ(policy.at("policy").at("mx-host").as_array().at(0).as_string(), "*.mail.company-y.example");
  EXPECT_EQ(policy.at("summary").at("total-successful-session-count").to_number<int>(), 5326);
  EXPECT_EQ(policy.at("summary").at("total-failure-session-count").to_number<int>(), 303);
  const auto& failure = policy.at("failure-details").as_array().at(1);
  EXPECT_EQ(failure.at("result-type").as_string(), "starttls-not-supported");
  EXPECT_EQ(failure.at("receiving-mx-hostname").as_string(), "mx2.mail.company-y.example");
  EXPECT_EQ(failure.at("failed-session-count").to_number<int>(), 203);
  EXPECT_FALSE(policy.at("failure-details").as_array().at(0).as_object().contains("failure-reason-code"));
}

// RFC 8460 section 5.3.
TEST(TlsReport, MailHasTheFormOfTheRfc) {
  const std::string mail =
      report_mail(report(), "noreply@origin.example", "reports@company-y.example", base::from_stored(1459555200000));
  EXPECT_THAT(mail, HasSubstr("Subject: Report Domain: company-y.example\r\n Submitter: origin.example\r\n"
                              " Report-ID: <16892_company-y.example@origin.example>\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\nDate: Sat, 02 Apr 2016 00:00:00 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("\r\nTLS-Report-Domain: company-y.example\r\nTLS-Report-Submitter: origin.example\r\n"));
  EXPECT_THAT(mail, HasSubstr("Content-Type: multipart/report; report-type=\"tlsrpt\";"));
  EXPECT_THAT(mail, HasSubstr("filename=\"origin.example!company-y.example!1459468800!1459555199!001.json.gz\""));
  for (std::size_t at = 0; (at = mail.find('\n', at)) != std::string::npos; ++at) EXPECT_EQ(mail[at - 1], '\r');
}

class TlsResultStoreTest : public store::StoreTest {
 protected:
  template <class Job>
  void write(Job job) {
    store().write_now([&](store::Connection& db) { job(db); });
  }
};
TODOKU_ON_BOTH_ENGINES(TlsResultStoreTest);

TEST_P(TlsResultStoreTest, PoliciesAreKeptUntilTheyAreTooOld) {
  using namespace std::chrono_literals;
  const base::Time now{500'000h};
  DomainStsPolicy policy{"example.jp", {"1", {StsMode::enforce, {"mx.example.jp"}, 3600s}, now}};
  write([&](store::Connection& db) { keep_sts_policy(db, policy); });
  policy.kept.id = "2";
  write([&](store::Connection& db) { keep_sts_policy(db, policy); });
  const auto kept = kept_sts_policies(*store().read(), now + 59min);
  ASSERT_THAT(kept, SizeIs(1));
  EXPECT_EQ(kept[0].domain, "example.jp");
  EXPECT_EQ(kept[0].kept.id, "2");
  EXPECT_EQ(kept[0].kept.policy, policy.kept.policy);
  EXPECT_THAT(kept_sts_policies(*store().read(), now + 60min), IsEmpty());
}

TEST_P(TlsResultStoreTest, ResultsAddUpByDayAndDomain) {
  const TlsReport made = report();
  const DomainResults day{made.day, made.domain, made.policies[0]};
  DomainResults other = day;
  other.domain = "other.example";
  other.results = {};
  other.results.good = 1;
  write([&](store::Connection& db) { add_tls_results(db, std::vector{day, other}); });
  write([&](store::Connection& db) { add_tls_results(db, std::vector{day}); });
  const auto results = tls_results_of(*store().read(), made.day, made.domain);
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].good, 2 * 5326);
  EXPECT_EQ(results[0].bad(), 2 * 303);
  EXPECT_EQ(results[0].policy.strings, day.results.policy.strings);
  const auto entries = tls_report_entries(*store().read(), made.day, made.day + 1);
  ASSERT_THAT(entries, SizeIs(2));
  EXPECT_EQ(entries[0].domain, "company-y.example");
  EXPECT_EQ(entries[0].bad, 606);
  EXPECT_EQ(entries[1].good, 1);
  EXPECT_EQ(entries[1].state, ReportState::waiting);
  EXPECT_THAT(tls_report_entries(*store().read(), made.day + 1, made.day + 2), IsEmpty());
  EXPECT_THAT(tls_report_entries(*store().read(), 0, made.day + 1, "other.example"), SizeIs(1));
}

TEST_P(TlsResultStoreTest, EachReportIsSentByOneProcess) {
  using namespace std::chrono_literals;
  const DomainResults made{report().day, report().domain, report().policies[0]};
  write([&](store::Connection& db) { add_tls_results(db, std::vector{made}); });
  const base::Time now = base::from_stored((made.day + 1) * kDayMs);
  const auto due = [&](std::int64_t today, base::Time tried_before) {
    return due_tls_reports(*store().read(), today, tried_before, 10);
  };
  EXPECT_THAT(due(made.day, now), IsEmpty()) << "the day is not over";
  const auto first = due(made.day + 1, now);
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].domain, made.domain);
  const auto claim = [&](const ReportEntry& entry, base::Time at) {
    bool ours = false;
    write([&](store::Connection& db) { ours = claim_tls_report(db, entry, at); });
    return ours;
  };
  EXPECT_TRUE(claim(first[0], now));
  EXPECT_FALSE(claim(first[0], now)) << "another read it before";
  EXPECT_THAT(due(made.day + 1, now), IsEmpty());
  const auto again = due(made.day + 1, now + 1min);
  ASSERT_THAT(again, SizeIs(1)) << "who took it may have been killed";
  EXPECT_TRUE(claim(again[0], now + 1min));
  ReportEntry sent = again[0];
  sent.state = ReportState::sent;
  write([&](store::Connection& db) { note_tls_report(db, sent); });
  EXPECT_THAT(due(made.day + 1, now + 60min), IsEmpty());
  EXPECT_FALSE(claim(again[0], now + 60min));
}

TEST_P(TlsResultStoreTest, TriesAreNotedAndOldDaysForgotten) {
  const TlsReport made = report();
  write([&](store::Connection& db) {
    add_tls_results(db, std::vector{DomainResults{made.day, made.domain, made.policies[0]}});
    note_tls_report(db, {.day = made.day,
                         .domain = made.domain,
                         .state = ReportState::sent,
                         .tries = 2,
                         .tried_at = base::from_stored(7),
                         .detail = "mailto:a@b"});
  });
  const auto entries = tls_report_entries(*store().read(), 0, made.day + 1);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].state, ReportState::sent);
  EXPECT_EQ(entries[0].tries, 2);
  EXPECT_EQ(base::to_stored(entries[0].tried_at), 7);
  write([&](store::Connection& db) { forget_tls_results(db, made.day + 1); });
  EXPECT_THAT(tls_report_entries(*store().read(), 0, made.day + 1), IsEmpty());
}

}  // namespace
}  // namespace todoku::authentication
