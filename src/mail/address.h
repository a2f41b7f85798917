// E-mail addresses as people type them (RFC 5321 section 4.1.2, RFC 6531 for other scripts).
//
// Kept apart: what was typed (for showing), what goes into RCPT TO, and what decides whether two spellings are one
// reader (match_key). Accepted beyond the RFCs: the dotted forms that docomo and au once gave out
// (a..b@docomo.ne.jp, abc.@ezweb.ne.jp), for the domains of Japanese mobile carriers only; they are sent quoted.
// Refused though the RFCs allow them: address literals (user@[192.0.2.1]) and domains without a dot, which no
// newsletter reader has; comments.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace todoku::mail {

struct Address {
  std::string local;         // what the part before the @ means: without quotes and backslashes, letters as typed
  std::string domain;        // as typed
  std::string ascii_domain;  // as in DNS: A-labels, lower case
  bool smtputf8 = false;     // the local part has letters beyond ASCII: the mail needs SMTPUTF8

  /// local@domain as one would type it, quoted only where it must be.
  [[nodiscard]] std::string display() const;
  /// As it goes into MAIL FROM and RCPT TO, and into header fields: quoted where RFC 5321 wants it, domain as in DNS.
  [[nodiscard]] std::string smtp() const;
  /// Equal for two spellings of one mailbox: domain as in DNS, letter case of the local part folded. RFC 5321 lets a
  /// server tell Foo from foo; none that matters does, and readers expect one copy.
  [[nodiscard]] std::string match_key() const;
  friend bool operator==(const Address&, const Address&) = default;
};

/// A name and an address: `Name <a@b>`, `"Name, Jr." <a@b>`, or the address alone (then the name is empty).
struct Mailbox {
  std::string name;
  Address address;
  friend bool operator==(const Mailbox&, const Mailbox&) = default;
};

/// Blanks around the address are ignored. The error says what is wrong; its `where` is "character N" from 1.
base::Result<Address> parse_address(std::string_view text);
base::Result<Mailbox> parse_mailbox(std::string_view text);

/// A domain as in DNS: A-labels, lower case, at least two labels. The error's `where` counts from the domain's start.
base::Result<std::string> ascii_domain(std::string_view domain);

/// A domain for people: A-labels turned back into their letters; unchanged where that is not possible.
[[nodiscard]] std::string unicode_domain(std::string_view ascii_domain);

/// True for addresses read by an office rather than a person: info, admin, postmaster, abuse, noreply …
[[nodiscard]] bool is_role_address(const Address& address);

/// The big mail provider that was probably meant: gmial.com → gmail.com, docomo.co.jp → docomo.ne.jp. Empty for domains
/// that are fine or that nothing is known of. Takes and gives domains as in DNS.
[[nodiscard]] std::optional<std::string_view> near_domain(std::string_view ascii_domain);

}  // namespace todoku::mail
