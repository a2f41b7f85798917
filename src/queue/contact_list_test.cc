#include "queue/contact_list.h"

#include <gtest/gtest.h>

#include <limits>

#include "store/connection.h"

namespace todoku::queue {
namespace {

std::vector<base::ContactId> there_and_back(const std::vector<base::ContactId>& contacts) {
  return unpack_contacts(pack_contacts(contacts));
}

TEST(ContactList, SortsAndDropsDoubles) {
  const std::vector<base::ContactId> sorted = {
      {1}, {127}, {128}, {100'000}, {std::numeric_limits<std::int64_t>::max()}};
  EXPECT_EQ(there_and_back(sorted), sorted);
  EXPECT_EQ(there_and_back({sorted[3], sorted[0], sorted[3], sorted[4], sorted[2], sorted[1]}), sorted);
  EXPECT_EQ(there_and_back({}), std::vector<base::ContactId>());
}

TEST(ContactList, NeighboursTakeAByteEach) {
  std::vector<base::ContactId> contacts;
  for (int n = 0; n < 1000; ++n) contacts.push_back({1'000'000 + 2 * n});
  EXPECT_EQ(pack_contacts(contacts).size(), 1002U);
}

TEST(ContactList, DamageIsNoticed) {
  EXPECT_THROW((void)unpack_contacts("\x01\x80"), store::Failure);
  EXPECT_THROW((void)unpack_contacts(std::string(11, '\xFF')), store::Failure);
}

}  // namespace
}  // namespace todoku::queue
