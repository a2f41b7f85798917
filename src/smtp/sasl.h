// AUTH PLAIN (RFC 4616) and LOGIN on the wire: base64 and back.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace todoku::smtp {

struct Credentials {
  std::string user;  // empty: no authentication
  base::Secret password;
};

[[nodiscard]] std::string base64(std::string_view bytes);
/// Strict: the alphabet, padding, nothing else.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// The initial response of AUTH PLAIN.
[[nodiscard]] std::string plain_response(const Credentials& credentials);
/// The authorisation identity, if any, is ignored.
[[nodiscard]] std::optional<Credentials> parse_plain_response(std::string_view response);

}  // namespace todoku::smtp
