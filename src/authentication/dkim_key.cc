#include "authentication/dkim_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>

#include "authentication/evp.h"
#include "mail/transfer_encoding.h"

namespace todoku::authentication {
namespace {

using base::Error;
using base::ErrorCode;

constexpr int kRsaBits = 2048;
constexpr int kFewestRsaBits = 1024;  // RFC 8301 section 3.2
constexpr int kMostRsaBits = 4096;

/// A passphrase would be asked for on the terminal otherwise.
int no_passphrase(char*, int, int, void*) { return 0; }

base::Result<DkimAlgorithm> algorithm_of(EVP_PKEY* key) {
  const std::string hint = "`todoku dkim generate` makes one that is";
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return DkimAlgorithm::ed25519_sha256;
  if (EVP_PKEY_is_a(key, "RSA") != 1) {
    const char* type = EVP_PKEY_get0_type_name(key);
    return Error{ErrorCode::invalid,
                 std::string("a key of type ") + (type == nullptr ? "unknown" : type) + " cannot sign for DKIM", hint,
                 ""};
  }
  const int bits = EVP_PKEY_get_bits(key);
  if (bits >= kFewestRsaBits && bits <= kMostRsaBits) return DkimAlgorithm::rsa_sha256;
  return Error{ErrorCode::invalid, "an RSA key of " + std::to_string(bits) + " bits is not fit for DKIM", hint, ""};
}

std::string der_of(EVP_PKEY* key) {
  unsigned char* data = nullptr;
  const int size = i2d_PUBKEY(key, &data);
  must(size > 0, "i2d_PUBKEY");
  std::string der(reinterpret_cast<char*>(data), static_cast<std::size_t>(size));
  OPENSSL_free(data);
  return der;
}

std::string raw_of(EVP_PKEY* key) {
  std::array<unsigned char, 32> raw{};
  std::size_t size = raw.size();
  must(EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1, "EVP_PKEY_get_raw_public_key");
  return {reinterpret_cast<const char*>(raw.data()), size};
}

}  // namespace

std::string_view to_string(DkimAlgorithm algorithm) {
  return algorithm == DkimAlgorithm::rsa_sha256 ? "rsa-sha256" : "ed25519-sha256";
}

std::string_view key_type(DkimAlgorithm algorithm) {
  return algorithm == DkimAlgorithm::rsa_sha256 ? "rsa" : "ed25519";
}

DkimKey DkimKey::generate(DkimAlgorithm algorithm) {
  EVP_PKEY* made = algorithm == DkimAlgorithm::rsa_sha256
                       ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<std::size_t>(kRsaBits))
                       : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  must(made != nullptr, "making a key");
  return {{made, EVP_PKEY_free}, algorithm};
}

base::Result<DkimKey> DkimKey::from_pem(const base::Secret& pem) {
  const std::string_view text = pem.reveal();
  const Bio in(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  must(in != nullptr, "BIO_new_mem_buf");
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  if (!key) {
    return Error{ErrorCode::invalid, "no private key in PEM form",
                 "it begins with -----BEGIN PRIVATE KEY----- and has no passphrase", ""};
  }
  const auto algorithm = algorithm_of(key.get());
  if (!algorithm) return algorithm.error();
  return DkimKey(std::move(key), *algorithm);
}

base::Secret DkimKey::pem() const {
  const Bio out(BIO_new(BIO_s_secmem()));
  must(out && PEM_write_bio_PKCS8PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
       "writing a key");
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return base::Secret(std::string(data, static_cast<std::size_t>(size)));
}

int DkimKey::bits() const { return EVP_PKEY_get_bits(key_.get()); }

std::string DkimKey::public_text() const {
  std::string text;
  mail::append_base64_unbroken(text, algorithm_ == DkimAlgorithm::rsa_sha256 ? der_of(key_.get()) : raw_of(key_.get()));
  return text;
}

}  // namespace todoku::authentication
