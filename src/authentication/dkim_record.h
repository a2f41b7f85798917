// The DNS record in which a domain publishes a DKIM key: a TXT at SELECTOR._domainkey.DOMAIN (RFC 6376 section 3.6).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_key.h"

namespace todoku::authentication {

struct DkimRecord {
  std::string type = "rsa";   // k=
  std::string key;            // p=, decoded; empty: revoked
  bool sha256 = true;         // h= allows it
  bool for_mail = true;       // s= allows it
  bool testing = false;       // t=y
  bool exact_domain = false;  // t=s: i= may not be of a sub-domain
};

/// `text`: the record's strings joined. Nothing where it is no key record.
[[nodiscard]] std::optional<DkimRecord> parse_dkim_record(std::string_view text);

/// "selector._domainkey.example.jp"
[[nodiscard]] std::string dkim_record_name(std::string_view selector, std::string_view domain);

/// "v=DKIM1; k=rsa; p=…"
[[nodiscard]] std::string dkim_record_text(DkimAlgorithm algorithm, std::string_view public_text);

/// The text in strings of at most 255 octets, each quoted, as zone files have it: "\"v=DKIM1; …\" \"…\"".
[[nodiscard]] std::string quoted_strings(std::string_view text);

/// Whether the record holds this public key and lets it sign mail.
[[nodiscard]] bool publishes(const DkimRecord& record, DkimAlgorithm algorithm, std::string_view public_text);

/// A label or labels of letters, digits and inner hyphens, at most 63 each: what stands before ._domainkey.
[[nodiscard]] bool is_selector(std::string_view text);

}  // namespace todoku::authentication
