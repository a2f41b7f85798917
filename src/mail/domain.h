// The part of an address after the @, as typed and as in DNS.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace todoku::mail {

struct DomainProblem {
  std::string message;
  std::string hint;
};

/// Writes `typed` as in DNS (A-labels, lower case) into `ascii`. The problem otherwise, with its byte offset in `bad`.
/// Plain ASCII names cost no more than one pass.
std::optional<DomainProblem> to_ascii_domain(std::string_view typed, std::string& ascii, std::size_t& bad);

/// True for the Japanese mobile carriers that gave out addresses with dots where RFC 5321 wants none.
[[nodiscard]] bool allows_stray_dots(std::string_view ascii_domain);

}  // namespace todoku::mail
