#include "audience/contact.h"

#include <gmock/gmock.h>

#include "audience/list.h"
#include "audience/sendable.h"
#include "audience/suppression.h"
#include "store/test_store.h"

namespace todoku::audience {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

constexpr base::Time kNow{1'700'000'000'000ms};

class ContactTest : public store::StoreTest {
 protected:
  base::ContactId add(std::string_view address, std::optional<std::string_view> consent = "form") {
    base::ContactId id;
    store().write_now([&](store::Connection& db) {
      id = add_contact(db, {.address = address, .name = "青木", .fields = fields_, .consent = consent}, kNow).value();
    });
    return id;
  }
  void write(const std::function<void(store::Connection&)>& job) { store().write_now(job); }

  Fields fields_ = Fields::from_json(R"({"city":"横浜","note":"a \"b\"\n"})");
};
TODOKU_ON_BOTH_ENGINES(ContactTest);

TEST_P(ContactTest, IsFoundByIdAndByAnySpelling) {
  const auto id = add("Ichiro@Example.JP");
  const auto db = store().read();
  const auto contact = find_contact(*db, id);
  ASSERT_TRUE(contact);
  EXPECT_EQ(contact->address, "Ichiro@Example.JP");
  EXPECT_EQ(contact->domain, "example.jp");
  EXPECT_EQ(contact->name, "青木");
  EXPECT_EQ(contact->fields, fields_);
  EXPECT_EQ(contact->state, State::active);
  EXPECT_EQ(contact->consent, "form");
  EXPECT_EQ(contact->consent_at, kNow);
  EXPECT_EQ(find_contact(*db, "ichiro@example.jp")->id, id);
  EXPECT_FALSE(find_contact(*db, "jiro@example.jp"));
  EXPECT_FALSE(find_contact(*db, "no address"));
}

TEST_P(ContactTest, IsThereOnce) {
  add("a@example.jp");
  write([&](store::Connection& db) {
    const auto again = add_contact(db, {.address = "A@EXAMPLE.jp", .name = "", .fields = {}, .consent = {}}, kNow);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, base::ErrorCode::exists);
    const auto faulty = add_contact(db, {.address = "a@@b", .name = "", .fields = {}, .consent = {}}, kNow);
    EXPECT_EQ(faulty.error().code, base::ErrorCode::invalid);
  });
}

TEST_P(ContactTest, AreFoundByManyIds) {
  const auto a = add("a@example.jp");
  const auto b = add("b@example.jp");
  const auto db = store().read();
  const auto found = find_contacts(*db, std::array{b, base::ContactId{999}, a});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].id, a);
  EXPECT_EQ(found[1].id, b);
}

TEST_P(ContactTest, StaysRefusedAfterItWasDeleted) {
  const auto id = add("a@example.jp");
  write([&](store::Connection& db) {
    ASSERT_TRUE(unsubscribe(db, id, kUnsubscribed, kNow));
    EXPECT_EQ(find_contact(db, id)->state, State::unsubscribed);
    db.execute("delete from contact where id = ?1", {id});
  });
  const auto again = add("A@example.jp");
  const auto db = store().read();
  EXPECT_EQ(find_contact(*db, again)->state, State::suppressed);
  EXPECT_EQ(find_suppression(*db, "a@example.jp")->reason, "unsubscribed");
}

TEST_P(ContactTest, CannotBeUnsubscribedWhenThereIsNone) {
  write([&](store::Connection& db) {
    EXPECT_EQ(unsubscribe(db, base::ContactId{7}, kUnsubscribed, kNow).error().code, base::ErrorCode::not_found);
  });
}

TEST_P(ContactTest, BelongsToLists) {
  const auto id = add("a@example.jp");
  base::ListId list;
  write([&](store::Connection& db) {
    list = make_list(db, "会報", kNow);
    EXPECT_EQ(make_list(db, "会報", kNow), list);
    EXPECT_TRUE(add_member(db, list, id));
    EXPECT_FALSE(add_member(db, list, id));
    make_list(db, "empty", kNow);
  });
  const auto db = store().read();
  EXPECT_THAT(lists_of(*db, id), ElementsAre("会報"));
  EXPECT_EQ(lists(*db).size(), 2u);
  EXPECT_EQ(lists(*db)[1].members + lists(*db)[0].members, 1);
  EXPECT_FALSE(find_list(*db, "none"));
  EXPECT_EQ(members(*db, list, {}, 10).size(), 1u);
  EXPECT_THAT(members(*db, list, id, 10), IsEmpty());
}

TEST_P(ContactTest, IsSendableOnlyWhenActiveWithConsentAndNotRefused) {
  base::ListId list;
  std::vector<base::ContactId> ids = {add("c@b.example"),          add("a@b.example"), add("x@a.example"),
                                      add("n@a.example", {}),      add("u@a.example"), add("s@a.example"),
                                      add("not-in-list@a.example")};
  write([&](store::Connection& db) {
    list = make_list(db, "l", kNow);
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) add_member(db, list, ids[i]);
    ASSERT_TRUE(unsubscribe(db, ids[4], kUnsubscribed, kNow));
    suppress(db, "s@a.example", {.reason = "operator", .note = "asked by phone", .at = kNow});
  });
  const auto db = store().read();
  std::vector<std::string> seen;
  {
    SendableContacts contacts(*db, list);
    while (contacts.next()) seen.push_back(std::to_string(contacts.id().value) + " " + std::string(contacts.domain()));
  }
  EXPECT_THAT(seen, ElementsAre("3 a.example", "1 b.example", "2 b.example"));
  EXPECT_EQ(count_sendable(*db, list), 3);
  EXPECT_EQ(find_sendable(*db, ids).size(), 4u);
  const auto counts = count_members(*db, list);
  EXPECT_EQ(counts.all(), 6);
  EXPECT_EQ(counts.of(State::unsubscribed), 1);
  EXPECT_EQ(counts.without_consent, 1);
}

}  // namespace
}  // namespace todoku::audience
