#include "authentication/message_proof.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

#include "authentication/evp.h"
#include "base/owned.h"

namespace todoku::authentication {
namespace {

using base::Error;
using base::ErrorCode;
using Certificate = base::Owned<X509, X509_free>;

constexpr int kShortestRsa = 2048;  // bits
constexpr int kCurveNameLength = 32;

Pkey read_p256_key(std::string_view spki) {
  const unsigned char* at = bytes_of(spki);
  Pkey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())));
  if (!key || at != bytes_of(spki) + spki.size()) return nullptr;
  std::array<char, kCurveNameLength> curve{};
  std::size_t length = 0;
  const bool named = EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                     EVP_PKEY_get_group_name(key.get(), curve.data(), curve.size(), &length) == 1;
  if (!named || std::string_view(curve.data(), length) != "prime256v1") return nullptr;
  return key;
}

bool verify(EVP_PKEY* key, const EVP_MD* hash, std::string_view text, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  must(context != nullptr, "EVP_MD_CTX_new");
  return EVP_DigestVerifyInit(context.get(), nullptr, hash, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
}

Certificate read_certificate(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  must(bio != nullptr, "BIO_new_mem_buf");
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

bool valid_at(const X509* certificate, base::Time now) {
  std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return X509_cmp_time(X509_get0_notBefore(certificate), &seconds) < 0 &&
         X509_cmp_time(X509_get0_notAfter(certificate), &seconds) > 0;
}

}  // namespace

std::string hmac_sha256(const base::Secret& key, std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  must(HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), bytes_of(text), text.size(),
            digest.data(), &length) != nullptr,
       "HMAC");
  return {reinterpret_cast<const char*>(digest.data()), length};
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

base::Result<void> check_p256_key(std::string_view spki) {
  if (read_p256_key(spki)) return base::done;
  return Error{ErrorCode::invalid, "is no public key of ECDSA on P-256", "copy the whole base64 text of the key", ""};
}

bool p256_signed(std::string_view spki, std::string_view text, std::string_view signature) {
  const Pkey key = read_p256_key(spki);
  return key && verify(key.get(), EVP_sha256(), text, signature);
}

base::Result<void> certificate_signed(const std::string& pem, SignatureHash hash, std::string_view text,
                                      std::string_view signature, base::Time now) {
  const Certificate certificate = read_certificate(pem);
  if (!certificate) return Error{ErrorCode::invalid, "the signing certificate is no certificate in PEM", "", ""};
  if (!valid_at(certificate.get(), now)) {
    return Error{ErrorCode::refused, "the signing certificate has expired or is not valid yet",
                 "check this machine's clock", ""};
  }
  EVP_PKEY* key = X509_get0_pubkey(certificate.get());
  if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1 || EVP_PKEY_get_bits(key) < kShortestRsa) {
    return Error{ErrorCode::invalid, "the signing certificate's key is not RSA of 2048 bits or more", "", ""};
  }
  const EVP_MD* digest = hash == SignatureHash::sha1 ? EVP_sha1() : EVP_sha256();
  if (verify(key, digest, text, signature)) return base::done;
  return Error{ErrorCode::refused, "the signature does not fit the message", "", ""};
}

}  // namespace todoku::authentication
