// One line of an SMTP client → command (RFC 5321 section 4.1). No I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace todoku::smtp {

enum class Verb : std::uint8_t { unknown, helo, ehlo, mail, rcpt, data, rset, noop, quit, vrfy, help, starttls, auth };

struct Command {
  Verb verb = Verb::unknown;
  std::string_view argument;  // trimmed, a part of the line
};
[[nodiscard]] Command parse_command(std::string_view line);

/// "FROM:<a@example.jp> SIZE=10 BODY=8BITMIME SMTPUTF8" (keyword "FROM:"), or "TO:<…>".
struct PathArgument {
  std::string address;  // without <>; a source route is dropped
  std::optional<std::uint64_t> size;
  bool eight_bit = false;
  bool smtputf8 = false;
  bool unknown_parameter = false;
};
/// Null where the syntax is broken.
[[nodiscard]] std::optional<PathArgument> parse_path(std::string_view argument, std::string_view keyword);

}  // namespace todoku::smtp
