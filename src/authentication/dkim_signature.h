// A DKIM-Signature field taken apart (RFC 6376 section 3.5).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "authentication/dkim_key.h"

namespace todoku::authentication {

/// Why a signature does not count.
enum class DkimCause : std::uint8_t {
  none,
  syntax,           // the field is no tag list, or a tag that must be there is missing or malformed
  version,          // v= is not 1
  algorithm,        // a= or c= that we do not know, or that is too weak (rsa-sha1)
  query,            // q= does not allow DNS
  identity,         // i= is not of the domain d=
  from_not_signed,  // h= lacks From
  expired,          // x= is past
  key_unavailable,  // DNS does not answer
  key_missing,      // there is no record
  key_syntax,       // the record is no key record, or its key no key
  key_revoked,      // p= is empty
  key_unfit,        // of another type than a= says, not for mail, not for SHA-256, or RSA of fewer than 1024 bits
  too_short,        // the body is shorter than l= says
  body_changed,     // bh= does not match
  header_changed,   // b= does not match
  too_many,         // more signatures than are looked at
};
[[nodiscard]] std::string_view to_string(DkimCause cause);

struct DkimSignature {
  DkimAlgorithm algorithm = DkimAlgorithm::rsa_sha256;
  bool relaxed_header = false;
  bool relaxed_body = false;
  std::string domain;                        // d=, lower case
  std::string selector;                      // s=, lower case
  std::string identity;                      // i=; "@domain" where it is not given
  std::vector<std::string> headers;          // h=, lower case
  std::string body_hash;                     // bh=, decoded
  std::string signature;                     // b=, decoded
  std::optional<std::uint64_t> body_length;  // l=
  std::optional<std::uint64_t> expires;      // x=, seconds since 1970
};

inline constexpr std::size_t kMostSignedHeaders = 300;

/// `value`: what stands behind the colon.
[[nodiscard]] std::variant<DkimSignature, DkimCause> parse_dkim_signature(std::string_view value);

/// The whole field without what b= holds, as it is hashed itself.
[[nodiscard]] std::string without_signature(std::string_view field);

/// Whether `domain` is `parent` or below it; both in lower case.
[[nodiscard]] bool is_within(std::string_view domain, std::string_view parent);

}  // namespace todoku::authentication
