// A key that signs mail: RSA of 2048 bits (RFC 6376, RFC 8301) or Ed25519 (RFC 8463).
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

struct evp_pkey_st;

namespace todoku::authentication {

enum class DkimAlgorithm : std::uint8_t { rsa_sha256, ed25519_sha256 };

/// As a= has it: "rsa-sha256", "ed25519-sha256".
[[nodiscard]] std::string_view to_string(DkimAlgorithm algorithm);
/// As k= has it: "rsa", "ed25519".
[[nodiscard]] std::string_view key_type(DkimAlgorithm algorithm);

/// Immutable; copies share the key.
class DkimKey {
 public:
  static DkimKey generate(DkimAlgorithm algorithm);

  /// PKCS #8 or PKCS #1 without a passphrase. Errors say what the key is instead.
  static base::Result<DkimKey> from_pem(const base::Secret& pem);

  [[nodiscard]] base::Secret pem() const;  // PKCS #8
  [[nodiscard]] DkimAlgorithm algorithm() const { return algorithm_; }
  [[nodiscard]] int bits() const;
  /// The public key as p= has it, base64.
  [[nodiscard]] std::string public_text() const;
  [[nodiscard]] evp_pkey_st* handle() const { return key_.get(); }

 private:
  DkimKey(std::shared_ptr<evp_pkey_st> key, DkimAlgorithm algorithm) : key_(std::move(key)), algorithm_(algorithm) {}

  std::shared_ptr<evp_pkey_st> key_;  // shared by the copies
  DkimAlgorithm algorithm_;
};

}  // namespace todoku::authentication
