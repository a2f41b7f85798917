// Bytes of an SMTP server → replies (RFC 5321 section 4.2), whatever the bytes are.
//
// Liberal where it is safe: lines may end in LF alone, text may hold any byte, NUL included, and lines may be longer
// than the RFC's 512. Bounded always: of a line kLineKept bytes are kept, of a reply kLinesKept lines, and a reply of
// more than kReplyLimit bytes is broken, so 1 MB lines cost no more memory than short ones.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "smtp/reply.h"

namespace todoku::smtp {

class ReplyParser {
 public:
  static constexpr std::size_t kLineKept = 4096;
  static constexpr std::size_t kLinesKept = 100;
  static constexpr std::size_t kReplyLimit = 4 << 20;

  enum class Step {
    more,    // all bytes taken, the reply is not complete
    reply,   // reply() is complete; bytes after it are still in `bytes`
    broken,  // not SMTP; error() says why. Nothing further can be parsed
  };

  /// Takes bytes off the front up to the end of one reply.
  Step parse(std::string_view& bytes);

  /// The last complete reply; its memory is reused by the next.
  [[nodiscard]] const Reply& reply() const { return reply_; }
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  enum class Line { more, last, broken };
  Line end_line();
  void begin_reply();
  void keep(std::string_view text);
  Step fail(std::string_view why);

  Reply reply_;
  std::size_t lines_ = 0;  // kept of this reply
  std::size_t size_ = 0;   // bytes of this reply
  std::string line_;       // the part of a line that came in an earlier piece
  bool complete_ = false;
  std::string error_;
};

}  // namespace todoku::smtp
