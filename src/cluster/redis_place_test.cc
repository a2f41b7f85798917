#include "cluster/redis_place.h"

#include <gtest/gtest.h>

namespace todoku::cluster {
namespace {

TEST(RedisPlace, ReadsAllPartsOfAUrl) {
  const auto place = parse_redis_url("redis://todoku:p%40ss%3A%2F@redis.example.jp:6380/3");
  ASSERT_TRUE(place) << place.error().text();
  EXPECT_EQ(place->host, "redis.example.jp");
  EXPECT_EQ(place->port, 6380);
  EXPECT_EQ(place->user, "todoku");
  EXPECT_EQ(place->password.reveal(), "p@ss:/");
  EXPECT_EQ(place->database, 3);
  EXPECT_EQ(place->text(), "redis://redis.example.jp:6380/3");
}

TEST(RedisPlace, HasRedisOwnDefaults) {
  const auto place = parse_redis_url("redis://:secret@[2001:db8::1]");
  ASSERT_TRUE(place) << place.error().text();
  EXPECT_EQ(place->host, "2001:db8::1");
  EXPECT_EQ(place->port, 6379);
  EXPECT_EQ(place->user, "");
  EXPECT_EQ(place->password.reveal(), "secret");
  EXPECT_EQ(place->database, 0);
  EXPECT_TRUE(parse_redis_url("redis://localhost/"));
}

TEST(RedisPlace, RefusesWithoutQuotingThePassword) {
  for (const char* url :
       {"redis.example.jp:6379", "http://redis", "redis://", "redis://:hunter2@", "redis://hunter2@host",
        "redis://:hunter2%4@host", "redis://:hunter2@host:0", "redis://:hunter2@host:70000",
        "redis://:hunter2@host/zero", "redis://:hunter2@[::1", "redis://:hunter2@host:6379x"}) {
    const auto place = parse_redis_url(url);
    ASSERT_FALSE(place) << url;
    EXPECT_EQ(place.error().text().find("hunter2"), std::string::npos) << url;
  }
}

TEST(RedisPlace, SaysWhatToDoInsteadOfTls) {
  const auto place = parse_redis_url("rediss://:hunter2@host");
  ASSERT_FALSE(place);
  EXPECT_NE(place.error().hint.find("tunnel"), std::string::npos);
}

}  // namespace
}  // namespace todoku::cluster
