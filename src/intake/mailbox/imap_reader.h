// IMAP's responses from bytes (RFC 9051 section 2.2.2), without I/O: lines with the literals in them, within limits.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::intake::mailbox {

/// One response. In `text` a literal is a NUL; `literals` has their contents in order.
struct ImapResponse {
  std::string text;
  std::vector<std::string> literals;
};

class ImapReader {
 public:
  /// Longest line without its literals, and longest literals of one response together.
  ImapReader(std::size_t line_limit, std::size_t literal_limit)
      : line_limit_(line_limit), literal_limit_(literal_limit) {}

  void feed(std::string_view bytes);
  /// The next whole response.
  [[nodiscard]] std::optional<ImapResponse> take();
  /// A line or a literal went past its limit, or a NUL stood in a line: nothing more is read.
  [[nodiscard]] bool bad() const { return bad_; }
  /// Bytes of a response that is not whole yet, or of whole ones not taken.
  [[nodiscard]] bool holds_more() const { return !ready_.empty() || !line_.empty() || !current_.text.empty(); }

 private:
  std::string_view feed_line(std::string_view bytes);
  std::string_view feed_literal(std::string_view bytes);
  void end_line();

  std::size_t line_limit_, literal_limit_;
  std::string line_;      // the one being read
  ImapResponse current_;  // what stands before it
  std::size_t literal_left_ = 0;
  std::size_t literal_bytes_ = 0;  // of current_, announced
  bool in_literal_ = false;
  bool bad_ = false;
  std::deque<ImapResponse> ready_;
};

/// A piece of a response: an atom, a string (quoted or literal), or a bracket.
struct ImapToken {
  enum class Kind : std::uint8_t { atom, text, open, close, end };
  Kind kind = Kind::end;
  std::string_view text;                 // of an atom or a quoted string, escapes left in
  const std::string* literal = nullptr;  // of a literal
};

/// Walks through a response. What is malformed ends it.
class ImapScanner {
 public:
  explicit ImapScanner(const ImapResponse& response) : rest_(response.text), literals_(response.literals) {}
  ImapToken next();
  /// Passes over a value: one token, or a bracket with all that is in it.
  void skip_value();
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  std::span<const std::string> literals_;
};

/// A number from 0 to 2^32-1; nothing else.
[[nodiscard]] std::optional<std::uint32_t> imap_number(std::string_view text);

/// "1:3,7" of numbers in ascending order.
[[nodiscard]] std::string imap_set(std::span<const std::uint32_t> numbers);

/// An IMAP string of a text that comes from settings. Nothing for what no quoted string can hold (CR, LF, NUL, 8-bit).
[[nodiscard]] std::optional<std::string> imap_quoted(std::string_view text);

/// A mailbox's name as IMAP writes it (modified UTF-7, RFC 3501 section 5.1.3).
[[nodiscard]] std::string imap_mailbox_name(std::string_view utf8);

}  // namespace todoku::intake::mailbox
