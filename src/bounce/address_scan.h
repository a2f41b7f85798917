// Finds mail addresses in running text, as notices write them: bare, in <>, quoted, with "mailto:" or "SMTP=" before.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::bounce {

struct FoundAddress {
  std::uint32_t begin = 0;  // of the address itself, in bytes of the text
  std::uint32_t end = 0;
  bool bracketed = false;  // in <>

  [[nodiscard]] std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

/// In the text's order, at most `limit`; linear in the text.
[[nodiscard]] std::vector<FoundAddress> find_addresses(std::string_view text, std::size_t limit = 2000);

/// The address in a field like "rfc822;<a@b.c>", "utf-8; a@b.c" or "LOCAL;a": type, brackets, comments and blanks gone.
/// Without an '@' where the field has none.
[[nodiscard]] std::string address_of_field(std::string_view value);

/// The address as people write it: a local part that mail systems put in quotes for its dots alone ("a..b"@c.example,
/// as old phones have) without them.
[[nodiscard]] std::string unquoted_address(std::string address);

}  // namespace todoku::bounce
