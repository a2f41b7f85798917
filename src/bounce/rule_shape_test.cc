#include "bounce/rule_shape.h"

#include <gtest/gtest.h>

namespace todoku::bounce {
namespace {

TEST(Shape, MasksWhatDiffersFromMailToMail) {
  EXPECT_EQ(shape_of("550 5.9.9 <a@example.jp> zorp at mx1.example.jp [192.0.2.7] id 4Fg7Kp2x after 17 s"),
            "550 5.9.9 <<address>> zorp at <host> [<host>] id <id> after <n> s");
  EXPECT_EQ(shape_of("see https://example.com/?id=77"), "see <url>");
  EXPECT_EQ(shape_of(""), "");
}

TEST(Shape, CountsAndSorts) {
  ShapeCounter counter;
  counter.add("zorp 1");
  counter.add("blip");
  counter.add("zorp 22");
  const auto sorted = counter.sorted();
  ASSERT_EQ(sorted.size(), 2u);
  EXPECT_EQ(sorted[0].shape, "zorp <n>");
  EXPECT_EQ(sorted[0].count, 2u);
  EXPECT_EQ(sorted[0].example, "zorp 1");
}

TEST(Shape, NeverCutsACharacter) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "あ";
  const std::string shape = shape_of(text);
  EXPECT_LE(shape.size(), 300u);
  EXPECT_EQ(shape.size() % 3, 0u);
}

TEST(Shape, AStubHoldsAPhraseAndTheTextAsExample) {
  const std::string stub = rule_stub({"the \"zorp\" is <n>", "the \"zorp\" is 9", 3}, 1);
  EXPECT_NE(stub.find("says = [\"the .. zorp .. is\"]"), std::string::npos) << stub;
  EXPECT_NE(stub.find("examples = [\"the \\\"zorp\\\" is 9\"]"), std::string::npos) << stub;
}

}  // namespace
}  // namespace todoku::bounce
