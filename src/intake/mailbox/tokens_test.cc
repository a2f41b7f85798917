#include "intake/mailbox/tokens.h"

#include <gtest/gtest.h>

namespace todoku::intake::mailbox {
namespace {

TEST(TokenRequest, IsAForm) {
  OAuth oauth;
  oauth.client_id = "id&1";
  oauth.refresh_token = base::Secret("r/t=");
  EXPECT_EQ(token_request(oauth), "grant_type=refresh_token&refresh_token=r%2Ft%3D&client_id=id%261");
  oauth.client_secret = base::Secret("s");
  oauth.scope = "a b";
  EXPECT_TRUE(token_request(oauth).ends_with("&client_secret=s&scope=a%20b"));
}

TEST(TokenAnswer, HoldsTheTokenAndItsLife) {
  const auto token = parse_token_answer(200, R"({"access_token":"ya29","expires_in":3599,"refresh_token":"new"})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->token.reveal(), "ya29");
  EXPECT_EQ(token->lasts, base::Duration(3'599'000));
  EXPECT_EQ(token->refresh_token.reveal(), "new");
}

TEST(TokenAnswer, SaysWhyThereIsNone) {
  const auto refused =
      parse_token_answer(400, R"({"error":"invalid_grant","error_description":"Token has been revoked"})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::refused);
  EXPECT_NE(refused.error().message.find("Token has been revoked"), std::string::npos);
  EXPECT_EQ(parse_token_answer(200, "<html>").error().code, base::ErrorCode::invalid);
  EXPECT_FALSE(parse_token_answer(200, R"({"access_token":5})"));
  EXPECT_FALSE(parse_token_answer(500, R"({"access_token":"x"})"));
}

}  // namespace
}  // namespace todoku::intake::mailbox
