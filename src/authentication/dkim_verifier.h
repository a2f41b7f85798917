// Checks a mail's DKIM signatures (RFC 6376 section 6). No I/O: key records come through a function.
//
// Made for hostile mail: a fixed number of signatures is looked at, everything read has a limit, and any octets give a
// verdict.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_signature.h"
#include "base/clock.h"

namespace todoku::authentication {

/// RFC 8601 section 2.7.1.
enum class DkimResult : std::uint8_t {
  pass,
  fail,       // the mail is not what was signed
  temperror,  // not to be known now
  permerror,  // it can never be verified: no key, expired, …
  neutral,    // there is a signature that we cannot make sense of
};
[[nodiscard]] std::string_view to_string(DkimResult result);

/// Verdict on one signature.
struct DkimVerdict {
  DkimResult result = DkimResult::neutral;
  DkimCause cause = DkimCause::none;
  DkimSignature signature;  // empty where it cannot be read
  bool testing = false;     // the domain asks to be treated as if it did not sign
  bool whole_body = true;   // false: l= leaves something unsigned
};

struct DkimKeyAnswer {
  enum class Status : std::uint8_t { found, none, unavailable };
  Status status = Status::none;
  std::vector<std::string> records;  // the TXT records, each one's strings joined
};
using DkimKeyLookup = std::function<DkimKeyAnswer(const std::string& name)>;

inline constexpr std::size_t kMostSignatures = 10;

/// In the order of the signatures in the header; those beyond kMostSignatures are not looked at. Empty: unsigned.
[[nodiscard]] std::vector<DkimVerdict> verify_dkim(std::string_view mail, base::Time now, const DkimKeyLookup& lookup);

/// The names that verify_dkim() is going to look up, for callers who have to wait for the answers.
[[nodiscard]] std::vector<std::string> dkim_key_names(std::string_view mail);

}  // namespace todoku::authentication
