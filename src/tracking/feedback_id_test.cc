#include "tracking/feedback_id.h"

#include <gtest/gtest.h>

namespace todoku::tracking {
namespace {

TEST(FeedbackId, IsFoundAgain) {
  const FeedbackId id{{12}, {3}};
  const std::string value = feedback_id(id, "example.jp");
  EXPECT_EQ(value, "c12:l3:newsletter:example.jp");
  EXPECT_EQ(find_feedback_id("Subject: x\r\nFeedback-ID: " + value + "\r\nTo: y\r\n"), id);
  EXPECT_EQ(find_feedback_id("> FEEDBACK-ID:" + value), id);
  EXPECT_EQ(find_feedback_id("feedback-id: abc:def:x:y\nFeedback-ID: " + value), id) << "that of another comes first";
}

TEST(FeedbackId, OfOthersIsNone) {
  for (const char* text : {"", "Feedback-ID:", "Feedback-ID: c12:l3", "Feedback-ID: c12:l3:other:x",
                           "Feedback-ID: c-1:l3:newsletter:x", "Feedback-ID: c0:l3:newsletter:x",
                           "Feedback-ID: 12:3:newsletter:x", "Feedback-ID: c99999999999999999999:l3:newsletter:x",
                           "X-Feedback-ID: c12:l3:newsletter:x", "see Feedback-ID: c12:l3:newsletter:x"}) {
    EXPECT_FALSE(find_feedback_id(text)) << text;
  }
}

}  // namespace
}  // namespace todoku::tracking
