// What an SMTP server answered (RFC 5321 section 4.2, RFC 2034, RFC 3463), as a value. No I/O.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::smtp {

/// Where in the session a reply came. `none`: not known, as in a bounce that does not say.
enum class Stage : std::uint8_t { none, connect, ehlo, starttls, auth, mail, rcpt, data, eod, quit };

/// "connect", "ehlo", … as the command line and the rules spell it.
[[nodiscard]] std::string_view to_string(Stage stage);
[[nodiscard]] std::optional<Stage> stage_of(std::string_view name);

/// RFC 3463's class.subject.detail.
struct EnhancedStatus {
  int klass = 0;  // 2, 4 or 5
  int subject = 0;
  int detail = 0;
  friend bool operator==(const EnhancedStatus&, const EnhancedStatus&) = default;
  [[nodiscard]] std::string to_string() const;

  /// Parses exactly "c.s.d" (1 digit, 1–3, 1–3); nothing else.
  [[nodiscard]] static std::optional<EnhancedStatus> parse(std::string_view text);
};

struct Reply {
  int code = 0;                          // 200–599
  std::optional<EnhancedStatus> status;  // of the first line, where the server gives one
  std::vector<std::string> lines;        // text of each line, without code, separator and line end

  [[nodiscard]] bool positive() const { return code >= 200 && code < 400; }
  [[nodiscard]] bool transient() const { return code >= 400 && code < 500; }
  [[nodiscard]] bool permanent() const { return code >= 500; }
  /// The lines joined by a blank, without codes.
  [[nodiscard]] std::string text() const;
};

}  // namespace todoku::smtp
