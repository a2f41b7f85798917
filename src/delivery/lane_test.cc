#include "delivery/lane.h"

#include <gmock/gmock.h>

namespace todoku::delivery {
namespace {

using queue::Priority;
using ::testing::ElementsAre;

std::shared_ptr<Work> work(std::int64_t campaign, std::int64_t contact, Priority priority = Priority::bulk) {
  queue::Batch batch;
  batch.campaign = {campaign};
  batch.priority = priority;
  return std::make_shared<Work>(std::move(batch), Work::Share{.contacts = {{contact}}, .retries = {}}, nullptr);
}

std::vector<std::int64_t> order(Lane& lane) {
  std::vector<std::int64_t> contacts;
  while (const auto turn = lane.take()) contacts.push_back(turn->contact.value);
  return contacts;
}

TEST(Lane, CampaignsTakeTurnsByBatch) {
  Lane lane("site.test");
  for (const std::int64_t contact : {11, 12, 13, 14}) lane.add(work(1, contact));
  for (const std::int64_t contact : {21, 22}) lane.add(work(2, contact));
  lane.add(work(3, 31));
  EXPECT_THAT(order(lane), ElementsAre(11, 21, 31, 12, 22, 13, 14));
}

TEST(Lane, WhatIsUrgentGoesFirst) {
  Lane lane("site.test");
  lane.add(work(1, 11));
  lane.add(work(2, 21, Priority::transactional));
  lane.add(work(3, 31, Priority::test));
  lane.add(work(1, 12));
  lane.add(work(4, 41, Priority::transactional));
  lane.add(work(5, 51));
  EXPECT_THAT(order(lane), ElementsAre(31, 21, 41, 11, 51, 12));
}

}  // namespace
}  // namespace todoku::delivery
