// Proofs that a message over HTTP is from whom it claims: an HMAC, a signature by a known key or by a certificate.
//
// Keys and certificates come from settings or from the sender's own site; here is only the arithmetic. Comparisons take
// the same time wherever two texts differ.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace todoku::authentication {

enum class SignatureHash : std::uint8_t { sha1, sha256 };

/// RFC 2104 with SHA-256, 32 bytes.
[[nodiscard]] std::string hmac_sha256(const base::Secret& key, std::string_view text);

/// For secrets: tells nothing by its time but their lengths.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

/// Whether a key that settings have (SubjectPublicKeyInfo in DER, on the curve P-256) is one. Errors: invalid.
[[nodiscard]] base::Result<void> check_p256_key(std::string_view spki);

/// ECDSA on P-256 over SHA-256; the signature in DER. False also where the key or the signature is none.
[[nodiscard]] bool p256_signed(std::string_view spki, std::string_view text, std::string_view signature);

/// RSA (PKCS #1 v1.5) by the key of a certificate in PEM. Errors: invalid (no certificate, another kind of key or too
/// short a one), refused (it is not valid at `now`, or the signature is not over this text).
[[nodiscard]] base::Result<void> certificate_signed(const std::string& pem, SignatureHash hash, std::string_view text,
                                                    std::string_view signature, base::Time now);

}  // namespace todoku::authentication
