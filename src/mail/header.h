// Header fields as they go on the wire (RFC 5322 section 2.2, RFC 2047): folded, encoded, impossible to inject into.
//
// Every append_… writes one whole field, "Name: …\r\n", in lines of at most 78 characters where the value has a place
// to fold, never above 998. A CR, LF or NUL in a value is an error, not a line: text that comes out of a merge field
// goes through header_text() first, the one place where such characters are taken out.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "mail/address.h"

namespace todoku::mail {

/// Text fit for a header field, whatever it was: line ends, tabs and runs of blanks become one blank, other control
/// characters and directional overrides (U+202A–202E, U+2066–2069) are dropped, malformed UTF-8 becomes U+FFFD, ends
/// are trimmed, and what is longer than `most` octets is cut at a character.
[[nodiscard]] std::string header_text(std::string_view value, std::size_t most = 10'000);

/// Free text such as a subject: as it is where it is plain ASCII, else in encoded-words (B or Q, the shorter), which
/// are at most 75 long and never split a character.
base::Result<void> append_text_field(std::string& out, std::string_view name, std::string_view value);

/// ASCII with a syntax of its own, folded at its blanks only: List-Unsubscribe, Feedback-ID.
base::Result<void> append_structured_field(std::string& out, std::string_view name, std::string_view value);

/// From, To, Reply-To: names as words, quoted or encoded as they need; addresses as smtp() has them. With a non-ASCII
/// local part the field is UTF-8 (RFC 6532) and the mail needs SMTPUTF8.
base::Result<void> append_mailbox_field(std::string& out, std::string_view name, std::span<const Mailbox> mailboxes);

/// Date: "Mon, 01 Jul 2024 09:00:00 +0900" for an offset of 540 minutes.
[[nodiscard]] std::string date_text(base::Time time, int utc_offset_minutes);

/// "<left@domain>"; both sides dot-atoms (RFC 5322 section 3.6.4).
base::Result<std::string> message_id(std::string_view left, std::string_view domain);

/// A parameter such as filename of Content-Disposition: quoted where ASCII, else by RFC 2231 (filename*=UTF-8''…).
[[nodiscard]] std::string parameter(std::string_view name, std::string_view value);

}  // namespace todoku::mail
