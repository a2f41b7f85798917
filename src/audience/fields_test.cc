#include "audience/fields.h"

#include <gmock/gmock.h>

namespace todoku::audience {
namespace {

TEST(Fields, ComeBackFromJson) {
  Fields fields;
  fields.set("都市", "横浜");
  fields.set("q", "a\"b\\c\n\t\x01");
  fields.set("empty", "");
  EXPECT_EQ(fields.json(), "{\"都市\":\"横浜\",\"q\":\"a\\\"b\\\\c\\n\\u0009\\u0001\",\"empty\":\"\"}");
  EXPECT_EQ(Fields::from_json(fields.json()), fields);
  EXPECT_EQ(Fields().json(), "{}");
}

TEST(Fields, TakeWhatOthersStored) {
  EXPECT_EQ(Fields::from_json(R"({"n":5,"null":null,"list":[1,"a"]})").json(), R"({"n":"5","list":"[1,\"a\"]"})");
  for (const auto* broken : {"", "[]", "{", "5"}) EXPECT_TRUE(Fields::from_json(broken).empty());
}

TEST(Fields, MergeLaterValuesThatAreNotEmpty) {
  auto fields = Fields::from_json(R"({"a":"1","b":"2"})");
  EXPECT_FALSE(fields.merge(Fields::from_json(R"({"a":"1","b":"","c":""})")));
  EXPECT_TRUE(fields.merge(Fields::from_json(R"({"b":"3","c":"4"})")));
  EXPECT_EQ(fields.json(), R"({"a":"1","b":"3","c":"4"})");
}

}  // namespace
}  // namespace todoku::audience
