// The part of a domain that its owner registered, by the Public Suffix List: "mx1.example.co.jp" is of "example.co.jp".
#pragma once
#include <string>
#include <string_view>

namespace todoku::mail {

/// `domain` in A-labels, lower case; a final dot is ignored. The domain itself where it is a public suffix.
[[nodiscard]] std::string organisational_domain(std::string_view domain);

/// Whether addresses can be below the domain's last label: true for "jp", false for "con".
[[nodiscard]] bool top_level_exists(std::string_view domain);

}  // namespace todoku::mail
