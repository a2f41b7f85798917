#include "remedy/status_check.h"

#include <gmock/gmock.h>

#include "audience/contact.h"
#include "audience/stop_policy.h"
#include "store/test_store.h"

namespace todoku::remedy {
namespace {

using base::ErrorCode;
using bounce::Language;
using bounce::Reason;
using ::testing::HasSubstr;

const base::Time kNow = base::from_stored(1'700'000'000'000);
const std::string kSoon = "1700000600";

StatusCheckKey key() {
  StatusCheckKey key;
  key.name = "member";
  key.origin = "https://member.example";
  key.secret = base::Secret("kagi");
  return key;
}

TEST(StatusQuestion, IsSignedAsOthersWouldSignIt) {
  // printf 'aoi@example.jp\n1700000600' | openssl dgst -sha256 -hmac kagi
  EXPECT_EQ(sign_question(base::Secret("kagi"), "aoi@example.jp", kSoon),
            "0d4867271acd05450b2d94900ffd4e9a6cb27aea57faa442e0234c08c3f3d414");
}

TEST(StatusQuestion, IsProvedByItsKeyAlone) {
  const StatusCheckKey member = key();
  const std::string signature = sign_question(member.secret, "aoi@example.jp", kSoon);
  const StatusQuestion good{"aoi@example.jp", kSoon, signature, ""};
  EXPECT_TRUE(is_proved(&member, good, kNow));
  EXPECT_FALSE(is_proved(nullptr, good, kNow));
  StatusQuestion asked = good;
  asked.origin = "https://member.example";
  EXPECT_TRUE(is_proved(&member, asked, kNow));
  asked.origin = "https://evil.example";
  EXPECT_FALSE(is_proved(&member, asked, kNow));
  asked = good;
  asked.address = "ren@example.jp";
  EXPECT_FALSE(is_proved(&member, asked, kNow));
  asked = good;
  asked.signature = "";
  EXPECT_FALSE(is_proved(&member, asked, kNow));
  EXPECT_FALSE(is_proved(&member, good, kNow + std::chrono::minutes(10))) << "expired";
}

TEST(StatusQuestion, ExpiresWithinAnHour) {
  const StatusCheckKey member = key();
  for (const std::string expires : {"1700003601", "1699999999", "", "x", "1700000600 ", "99999999999999999999"}) {
    const std::string signature = sign_question(member.secret, "a@b.jp", expires);
    EXPECT_FALSE(is_proved(&member, {"a@b.jp", expires, signature, ""}, kNow)) << expires;
  }
}

TEST(MemberNotice, SaysWhatToDoInBothLanguages) {
  EXPECT_THAT(member_notice(Reason::user_unknown, Language::en), HasSubstr("correct it"));
  EXPECT_THAT(member_notice(Reason::host_unknown, Language::ja), HasSubstr("変更してください"));
  EXPECT_THAT(member_notice(Reason::mailbox_full, Language::ja), HasSubstr("容量"));
  EXPECT_EQ(member_action(Reason::recipient_refused), "allow_sender");
  EXPECT_EQ(member_action(Reason::unknown), "contact_provider");
}

class StatusCheckTest : public store::StoreTest {
 protected:
  template <class Call>
  auto in(Call call) {
    std::optional<decltype(call(std::declval<store::Connection&>()))> result;
    store().write_now([&](store::Connection& db) { result = call(db); });
    return *result;
  }
  base::ContactId reader(const std::string& address) {
    return in([&](store::Connection& db) {
      return audience::add_contact(db, {.address = address, .name = "", .fields = {}, .consent = "form"}, kNow).value();
    });
  }
  void fails(base::ContactId contact, Reason reason, bounce::Effect effect) {
    store().write_now([&](store::Connection& db) {
      const std::vector<audience::Event> events{{.contact = contact,
                                                 .campaign = {1},
                                                 .at = kNow,
                                                 .reason = reason,
                                                 .effect = effect,
                                                 .permanent = true,
                                                 .reply = "550"}};
      audience::StopPolicy().record(db, events);
    });
  }
  std::optional<Reason> failing(std::string_view address) { return failing_reason(*store().read(), address); }
};
TODOKU_ON_BOTH_ENGINES(StatusCheckTest);

TEST_P(StatusCheckTest, TellsWhyMailFails) {
  const auto gone = reader("gone@example.jp");
  const auto full = reader("full@example.jp");
  reader("fine@example.jp");
  fails(gone, Reason::user_unknown, bounce::Effect::hard);
  fails(full, Reason::mailbox_full, bounce::Effect::soft);
  EXPECT_EQ(failing("Gone@example.jp"), Reason::user_unknown);
  EXPECT_EQ(failing("full@example.jp"), Reason::mailbox_full) << "not stopped yet, but it fails";
  EXPECT_FALSE(failing("fine@example.jp"));
  EXPECT_FALSE(failing("nobody@example.jp"));
  EXPECT_FALSE(failing("no address"));
  store().write_now([&](store::Connection& db) { ASSERT_TRUE(audience::unsubscribe(db, gone, "unsubscribed", kNow)); });
  EXPECT_FALSE(failing("gone@example.jp"));
  run("update contact_error set cleared_by = 2");
  EXPECT_FALSE(failing("full@example.jp")) << "a mail was delivered since";
}

TEST_P(StatusCheckTest, HasKeysForOriginsThatAreRevoked) {
  const auto make = [&](std::string_view name, std::string_view origin) {
    return in([&](store::Connection& db) { return create_status_check_key(db, name, origin, kNow); });
  };
  const auto secret = make("member", "https://member.example");
  ASSERT_TRUE(secret);
  EXPECT_EQ(make("member", "https://other.example").error().code, ErrorCode::exists);
  EXPECT_EQ(make("a b", "https://other.example").error().code, ErrorCode::invalid);
  for (const std::string_view origin : {"http://member.example", "https://member.example/", "https://",
                                        "member.example", "https://Member.example", "https://a b", "*", "null"}) {
    EXPECT_EQ(make("x", origin).error().code, ErrorCode::invalid) << origin;
  }
  EXPECT_TRUE(make("local", "http://localhost:3000"));
  const auto found = find_status_check_key(*store().read(), "member");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret.reveal(), secret->reveal());
  EXPECT_EQ(status_check_keys(*store().read()).size(), 2U);
  EXPECT_TRUE(in([&](store::Connection& db) { return revoke_status_check_key(db, "member", kNow); }));
  EXPECT_FALSE(find_status_check_key(*store().read(), "member"));
  EXPECT_EQ(in([&](store::Connection& db) { return revoke_status_check_key(db, "none", kNow); }).error().code,
            ErrorCode::not_found);
}

}  // namespace
}  // namespace todoku::remedy
