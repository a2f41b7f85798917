#include "authentication/message_proof.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "authentication/evp.h"

namespace todoku::authentication {
namespace {

std::string spki_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::string text(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return text;
}

std::string sign(EVP_PKEY* key, const std::string& text) {
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(1024, '\0');
  std::size_t length = signature.size();
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key), 1);
  EXPECT_EQ(EVP_DigestSign(context.get(), bytes_of(signature), &length, bytes_of(std::string_view(text)), text.size()),
            1);
  return signature.substr(0, length);
}

TEST(HmacSha256, IsThatOfRfc4231) {
  const std::string digest = hmac_sha256(base::Secret("Jefe"), "what do ya want for nothing?");
  EXPECT_EQ(static_cast<unsigned char>(digest.front()), 0x5b);
  EXPECT_EQ(static_cast<unsigned char>(digest.back()), 0x43);
  EXPECT_EQ(digest.size(), 32U);
}

TEST(SameSecret, ComparesLengthAndBytes) {
  EXPECT_TRUE(same_secret("abc", "abc"));
  EXPECT_FALSE(same_secret("abc", "abd"));
  EXPECT_FALSE(same_secret("abc", "ab"));
  EXPECT_TRUE(same_secret("", ""));
}

TEST(P256Signed, BelievesOnlyTheKeyAndTheText) {
  const Pkey key(EVP_EC_gen("P-256")), other(EVP_EC_gen("P-256")), wider(EVP_EC_gen("P-384"));
  const std::string spki = spki_of(key.get()), signature = sign(key.get(), "1700000000[]");
  EXPECT_TRUE(check_p256_key(spki));
  EXPECT_TRUE(p256_signed(spki, "1700000000[]", signature));
  EXPECT_FALSE(p256_signed(spki, "1700000001[]", signature));
  EXPECT_FALSE(p256_signed(spki_of(other.get()), "1700000000[]", signature));
  EXPECT_FALSE(p256_signed(spki, "1700000000[]", signature.substr(1)));
  EXPECT_FALSE(p256_signed(spki, "1700000000[]", ""));
  EXPECT_FALSE(check_p256_key(spki_of(wider.get())));
  EXPECT_FALSE(check_p256_key(spki + "x"));
  EXPECT_FALSE(check_p256_key(""));
  EXPECT_FALSE(p256_signed("", "1700000000[]", signature));
}

TEST(CertificateSigned, RefusesWhatIsNoCertificate) {
  const auto result = certificate_signed("-----BEGIN NOTHING-----", SignatureHash::sha256, "a", "b", base::Time{});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::invalid);
}

}  // namespace
}  // namespace todoku::authentication
