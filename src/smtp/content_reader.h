// DATA's content from the wire: un-stuffed, up to <CRLF>.<CRLF> and nothing else (RFC 5321 section 4.5.2).
//
// Only that sequence ends it, so no peer can smuggle a second mail through <LF>.<LF> or the like; a content with a CR
// or LF alone is told by bare_line_end(), to be refused. Memory is bounded by the limit, whatever comes.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace todoku::smtp {

class ContentReader {
 public:
  /// `expected`: bytes the client announced, 0 if it did not.
  void begin(std::size_t limit, std::size_t expected);

  /// Takes bytes off the front; true: the end was reached, what follows it is still in `bytes`.
  bool read(std::string_view& bytes);

  [[nodiscard]] bool too_big() const { return size_ > limit_; }
  [[nodiscard]] std::size_t size() const { return size_; }  // also of what was not kept
  [[nodiscard]] bool bare_line_end() const;
  /// The content, CRLF line ends, the last one included. Once the end was reached and it was not too big.
  [[nodiscard]] std::string take() { return std::move(content_); }

 private:
  void keep(std::string_view text);
  [[nodiscard]] bool at_line_start(std::string_view piece, std::size_t at) const;
  bool read_after_dot(std::string_view& bytes);

  std::string content_;
  std::size_t limit_ = 0;
  std::size_t size_ = 0;
  std::array<char, 2> last_{};                                            // the last two bytes, kept or not
  enum class Dot : unsigned char { none, dot, dot_cr } dot_ = Dot::none;  // seen at a line's start
};

}  // namespace todoku::smtp
