// Signs mails with DKIM (RFC 6376, RFC 8463): relaxed/relaxed, the whole body (never l=), the headers of
// signed_headers.h.
//
// No I/O and no clock. The same mail, key and time give the same field. What does not change from mail to mail is kept:
// the prepared keys, the choice of headers, the hash of the bodies' common beginning, and all memory.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_body_hash.h"
#include "authentication/dkim_header.h"
#include "authentication/dkim_key.h"
#include "authentication/dkim_sign.h"
#include "authentication/signed_headers.h"
#include "base/clock.h"
#include "base/result.h"

namespace todoku::authentication {

struct DkimSigningKey {
  std::string selector;
  DkimKey key;
};

struct DkimSignerOptions {
  std::string domain;                // d=, A-labels in lower case
  std::vector<DkimSigningKey> keys;  // one signature with each, in this order; at least one
  std::string identity;              // i=: an address of the domain or below it, or "@" and such a domain; empty: none
  std::optional<base::Duration> valid_for;  // x= so long after t=; needs the time
};

/// One for each thread.
class DkimSigner {
 public:
  explicit DkimSigner(DkimSignerOptions options);

  /// Appends a whole DKIM-Signature field for each key, to go before the mail's first field. `mail`: header and body
  /// in CRLF lines. `at` becomes t=. Fails, with nothing appended, where there is no From field to sign or the header
  /// is beyond all measure.
  base::Result<void> sign(std::string_view mail, std::optional<base::Time> at, std::string& out);

  [[nodiscard]] const std::string& domain() const { return options_.domain; }

 private:
  struct Prepared {
    std::string head;  // the field up to t=, its last line open
    DkimSign sign;
  };

  void append_field(Prepared& prepared, std::optional<base::Time> at, std::string& out);
  void append_times(base::Time at, std::string& out) const;

  DkimSignerOptions options_;
  std::vector<Prepared> prepared_;
  SignedHeaders headers_;
  DkimBodyHash body_hash_;
  SplitMail split_;
  Sha256 hash_;
  Sha256 at_headers_;      // the hash of the signed headers
  std::string canonical_;  // of the signed headers, then of the signature itself
  std::string body_tag_;   // bh=
  std::string encoded_;
};

}  // namespace todoku::authentication
