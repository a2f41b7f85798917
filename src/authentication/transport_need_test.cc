#include "authentication/transport_need.h"

#include <gmock/gmock.h>

#include "authentication/dane.h"

namespace todoku::authentication {
namespace {

using net::TlsaRecord;
using net::TlsProof;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const std::string kDigest(32, '\xab');
const TlsaRecord kEndEntity{3, 1, 1, kDigest};
const TlsaRecord kPkix{1, 1, 1, kDigest};

StsPolicy policy(StsMode mode, std::string mx) {
  return {.mode = mode, .mx = {std::move(mx)}, .max_age = std::chrono::seconds(86400)};
}

HostFacts facts(std::vector<TlsaRecord> records = {}, const StsPolicy* sts = nullptr) {
  return {.domain = "example.jp",
          .host = "mx.example.jp",
          .tlsa = records.empty() ? TlsaState::none : TlsaState::found,
          .records = std::move(records),
          .sts = sts};
}

TEST(Dane, OnlyWhatSmtpCanUseCounts) {
  EXPECT_TRUE(usable_for_smtp(kEndEntity));
  EXPECT_TRUE(usable_for_smtp(TlsaRecord{2, 0, 1, kDigest}));
  EXPECT_TRUE(usable_for_smtp(TlsaRecord{2, 1, 2, std::string(64, 'x')}));
  EXPECT_TRUE(usable_for_smtp(TlsaRecord{3, 0, 0, "a whole certificate"}));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{0, 0, 1, kDigest}));
  EXPECT_FALSE(usable_for_smtp(kPkix));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{4, 0, 1, kDigest}));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{3, 2, 1, kDigest}));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{3, 1, 3, kDigest}));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{3, 1, 1, kDigest + "x"}));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{3, 1, 2, kDigest}));
  EXPECT_FALSE(usable_for_smtp(TlsaRecord{3, 1, 0, ""}));
  EXPECT_THAT(usable_for_smtp({kPkix, kEndEntity}), ElementsAre(kEndEntity));
}

TEST(Dane, NamesAndTexts) {
  EXPECT_EQ(tlsa_record_name("mx.example.jp", 25), "_25._tcp.mx.example.jp");
  EXPECT_EQ(to_text(TlsaRecord{3, 1, 1, "\x01\xff"}), "3 1 1 01ff");
}

TEST(TransportNeed, NothingPublishedIsOpportunistic) {
  const auto need = need_of(facts(), {});
  EXPECT_TRUE(need.allowed);
  EXPECT_EQ(need.level, TlsLevel::opportunistic);
  EXPECT_EQ(need.policy, PolicyKind::none);
}

TEST(TransportNeed, DaneComesFirst) {
  const StsPolicy sts = policy(StsMode::enforce, "other.example.jp");
  const auto need = need_of(facts({kPkix, kEndEntity}, &sts), {});
  EXPECT_TRUE(need.allowed);
  EXPECT_EQ(need.level, TlsLevel::verify);
  EXPECT_EQ(need.proof, TlsProof::dane);
  EXPECT_THAT(need.tlsa, ElementsAre(kEndEntity));
  EXPECT_THAT(need.why, HasSubstr("mx.example.jp"));
}

TEST(TransportNeed, RecordsOfNoUseStillPromiseTls) {
  const auto need = need_of(facts({kPkix}), {});
  EXPECT_EQ(need.level, TlsLevel::required);
  EXPECT_EQ(need.proof, TlsProof::none);
}

TEST(TransportNeed, AHostWhoseTlsaCannotBeLookedUpIsLeftAlone) {
  const StsPolicy sts = policy(StsMode::enforce, "mx.example.jp");
  HostFacts unknown = facts({}, &sts);
  unknown.tlsa = TlsaState::failed;
  EXPECT_FALSE(need_of(unknown, {}).allowed);
}

TEST(TransportNeed, EnforcedStsWantsAListedHostAndACertificate) {
  const StsPolicy sts = policy(StsMode::enforce, "mx.example.jp");
  const auto need = need_of(facts({}, &sts), {});
  EXPECT_TRUE(need.allowed);
  EXPECT_EQ(need.proof, TlsProof::authorities);
  EXPECT_EQ(need.policy, PolicyKind::sts);
  const StsPolicy other = policy(StsMode::enforce, "*.elsewhere.jp");
  const auto forbidden = need_of(facts({}, &other), {});
  EXPECT_FALSE(forbidden.allowed);
  EXPECT_THAT(forbidden.why, HasSubstr("*.elsewhere.jp"));
}

TEST(TransportNeed, TestingAndNoneAskForNothing) {
  const StsPolicy testing = policy(StsMode::testing, "other.example.jp");
  const auto need = need_of(facts({}, &testing), {});
  EXPECT_TRUE(need.allowed && need.testing && !need.listed);
  EXPECT_EQ(need.level, TlsLevel::opportunistic);
  EXPECT_EQ(need.policy, PolicyKind::sts);
  const StsPolicy none = policy(StsMode::none, "mx.example.jp");
  EXPECT_EQ(need_of(facts({}, &none), {}).policy, PolicyKind::none);
}

TEST(TransportNeed, TheOperatorMayAskForMore) {
  const auto need = need_of(facts(), {.level = TlsLevel::verify});
  EXPECT_EQ(need.proof, TlsProof::authorities);
  EXPECT_THAT(need.why, HasSubstr("smtp.tls = verify"));
  const auto unusable = need_of(facts({kPkix}), {.level = TlsLevel::verify, .for_domain = true});
  EXPECT_EQ(unusable.proof, TlsProof::authorities);
  EXPECT_THAT(unusable.why, HasSubstr("smtp.tls_by_domain"));
  const auto dane = need_of(facts({kEndEntity}), {.level = TlsLevel::verify});
  EXPECT_EQ(dane.proof, TlsProof::dane);
  EXPECT_EQ(need_of(facts(), {.level = TlsLevel::required}).proof, TlsProof::none);
}

TEST(TransportNeed, TheOperatorMayLiftABrokenPolicy) {
  const StsPolicy sts = policy(StsMode::enforce, "other.example.jp");
  HostFacts unknown = facts({}, &sts);
  unknown.tlsa = TlsaState::failed;
  const auto lifted = need_of(unknown, {.level = TlsLevel::opportunistic, .for_domain = true});
  EXPECT_TRUE(lifted.allowed);
  EXPECT_EQ(lifted.level, TlsLevel::opportunistic);
  EXPECT_THAT(lifted.tlsa, SizeIs(0));
  EXPECT_FALSE(need_of(unknown, {.level = TlsLevel::opportunistic}).allowed);  // the general default lifts nothing
  EXPECT_EQ(need_of(facts({kEndEntity}), {.level = TlsLevel::off}).level, TlsLevel::off);
}

TEST(TransportNeed, LevelsHaveWords) {
  EXPECT_EQ(tls_level_of("verify"), TlsLevel::verify);
  EXPECT_EQ(tls_level_of("encrypt"), std::nullopt);
  EXPECT_EQ(to_string(TlsLevel::required), "required");
}

}  // namespace
}  // namespace todoku::authentication
