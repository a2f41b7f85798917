// Bytes of one mail → what it is and, where it tells of a failure, what happened to whom and why.
//
// Pure: no I/O, no clock, no state but the rules; linear in the mail's bytes with limits on depth, parts, header fields
// and recipients, so hostile mail costs no more than its size. Never fails: a mail that is no notice is Kind::other.
// RFC 3461–3464, 6522, 6533 (DSN), 5965 (complaints), 3834 (automatic replies).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "bounce/diagnosis.h"
#include "bounce/rules.h"

namespace todoku::bounce {

/// Of the mail that a notice returns or is about, as far as the notice has it. Header values are decoded.
struct OriginalMail {
  std::string message_id;   // without <>
  std::string return_path;  // without <>
  std::string subject;
  std::string from;
  std::string to;
  std::string date;
};

struct Report {
  Kind kind = Kind::other;
  std::string format;  // who wrote it, where recognised: "postfix", "gmail", "rfc3464" …
  // Of Kind::other only a report on authentication (RFC 6591) has any: whom the mail was for that failed it.
  std::vector<Diagnosis> recipients;
  OriginalMail original;
  bool limited = false;  // the mail went past a limit; the report holds what stands before it
};

class Analyser {
 public:
  /// The rules have to outlive it. Thread-safe.
  explicit Analyser(const Rules& rules) : rules_(rules) {}
  [[nodiscard]] Report analyse(std::string_view mail) const;

 private:
  const Rules& rules_;
};

}  // namespace todoku::bounce
