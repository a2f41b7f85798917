#include "bounce/original_recipient.h"

#include <gtest/gtest.h>

namespace todoku::bounce {
namespace {

TEST(OriginalRecipient, IsNamedBehindTheAddressThatFailed) {
  EXPECT_EQ(
      original_recipient_of("  b@c.example\n    (generated from a@b.example)\n    host mx said: 550 no", "b@c.example"),
      "a@b.example");
  EXPECT_EQ(original_recipient_of("<b@c.example> (expanded from <a@b.example>): unknown user", "b@c.example"),
            "a@b.example");
  EXPECT_EQ(original_recipient_of("Recipient address: x@ims-daemon\n  Original address: x@b.example\n", "x@ims-daemon"),
            "x@b.example");
  EXPECT_EQ(original_recipient_of("<b@c.example>: no such user\n\n<d@e.example> (expanded from <a@b.example>): no",
                                  "b@c.example"),
            "");
  EXPECT_EQ(original_recipient_of("<b@c.example>\n    (reason: 452 full)\n\"|/bin/resend -l d\"\n    (expanded from: "
                                  "<d@c.example>)\n",
                                  "b@c.example"),
            "");
  EXPECT_EQ(original_recipient_of("<b@c.example>: generated from a list of ours, ask x@y.example", "b@c.example"), "");
  EXPECT_EQ(original_recipient_of("(generated from a@b.example)", ""), "");
  EXPECT_TRUE(names_original_recipients("b@c.example (Expanded from: <a@b.example>)"));
  EXPECT_FALSE(names_original_recipients("b@c.example: no such user"));
}

TEST(OriginalRecipient, IsCarriedByAReturnPath) {
  EXPECT_EQ(recipient_in_return_path("b-17-aoi=example.jp@news.example"), "aoi@example.jp");
  EXPECT_EQ(recipient_in_return_path("bounces+aoi.sato=mail.example.jp@news.example"), "aoi.sato@mail.example.jp");
  for (const char* none : {"bounces@news.example", "prvs=1234=aoi@example.jp", "b-17-aoi=jp@news.example",
                           "b-17-=example.jp@news.example", "b-17-aoi=@news.example", "", "=", "@", "-=@"})
    EXPECT_EQ(recipient_in_return_path(none), "") << none;
}

}  // namespace
}  // namespace todoku::bounce
