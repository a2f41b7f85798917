// One question to clamd, "is there a virus in this?", without I/O (clamd(8), the command INSTREAM in its z form).
//
// What goes out: zINSTREAM and a NUL, the content in chunks that begin with their length (32 bits, network order), a
// chunk of length 0. What comes back: one text that a NUL ends, "stream: OK", "stream: NAME FOUND" or "… ERROR". clamd
// may answer before it has read all, and end the connection then: at its StreamMaxLength, or where it sees enough.
// An answer is at most 4 kB; whatever is no answer of these is an error and never "clean".
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace todoku::scan {

struct Verdict {
  bool infected = false;
  std::string virus;  // as clamd names it; printable ASCII
};

class ClamdExchange {
 public:
  /// `content` lives longer.
  explicit ClamdExchange(std::string_view content);

  /// What is to be sent now, in order; empty pieces once everything is.
  [[nodiscard]] std::array<std::string_view, 2> output() const;
  /// That many bytes of output() went out.
  void sent(std::size_t bytes);

  /// True once the answer is whole. Errors: `invalid` for what is no answer, `limit` where the content is larger than
  /// clamd takes, `unavailable` for an error of its own.
  [[nodiscard]] base::Result<bool> received(std::string_view bytes);
  [[nodiscard]] const Verdict& verdict() const { return verdict_; }

 private:
  void next_chunk();

  std::string_view content_;  // not yet in a chunk
  std::string head_;          // of the chunk, to be sent before body_
  std::string_view body_;
  bool ended_ = false;  // the last chunk is under way
  std::string answer_;
  Verdict verdict_;
};

}  // namespace todoku::scan
