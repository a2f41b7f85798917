// What is sent, and what became of it: the words between the SMTP client and whoever uses it.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls_peer.h"
#include "smtp/reply.h"

namespace todoku::smtp {

/// One mail. The views live until the send() they are given to returns.
struct Envelope {
  std::string_view sender = {};                       // without <>; empty: the null sender
  std::span<const std::string_view> recipients = {};  // without <>, at least one
  std::string_view content = {};                      // header and body with CRLF line ends, not stuffed
  bool smtputf8 = false;                              // set by itself where an address is not ASCII
  bool eight_bit = false;                             // set by itself where the content is not ASCII
};

/// Why something failed without the server's saying so.
enum class Cause : std::uint8_t {
  none,            // the server said it: see the reply
  connect_failed,  // refused or unreachable
  timeout,
  closed,          // the server ended the connection
  network,         // any other failure of the connection
  tls_failed,      // handshake or certificate
  protocol_error,  // what came is not SMTP, or not what may come here
  cancelled,       // this side is closing
  tls_missing,     // required, or needed for the password, and not offered
  auth_missing,    // none of our mechanisms offered
  too_big,         // above the server's SIZE: not even tried
  no_eight_bit,    // 8BITMIME needed and not offered: not even tried
  no_smtputf8,     // SMTPUTF8 needed and not offered: not even tried
  bare_line_end,   // the content has a CR or LF alone
  bad_address,     // an address with control characters or brackets
};
[[nodiscard]] std::string_view to_string(Cause cause);

/// The end of a session, or of the attempt to open one. With a reply (code > 0) the server refused, else see `cause`.
struct Failure {
  Stage stage = Stage::none;
  Cause cause = Cause::none;
  Reply reply;
  std::string detail = {};  // words for `cause`: the system's or TLS's message
  net::TlsFault tls_fault = net::TlsFault::none;
  [[nodiscard]] std::string text() const;
};

struct RefusedRecipient {
  std::size_t index = 0;
  Reply reply;
};

struct SendOutcome {
  enum class Kind : std::uint8_t {
    accepted,  // the server took the responsibility
    refused,   // the server said no, in `reply`, at `stage`: 4xx to be tried again, 5xx not
    not_sent,  // not tried, see `cause`: this server cannot take it, or it is malformed; the session goes on
    lost,      // the connection failed before the mail's end was sent: it was not delivered
    in_doubt,  // the connection failed after that and before the answer: it may have been
  };
  Kind kind = Kind::lost;
  Stage stage = Stage::none;  // of the reply, or where it failed
  Reply reply;                // code 0: none
  Cause cause = Cause::none;
  std::string detail;
  std::vector<RefusedRecipient>
      refused;  // of several recipients, those not taken; all of them where kind is refused at rcpt

  [[nodiscard]] bool accepted() const { return kind == Kind::accepted; }
  /// The reply's text or the cause in words.
  [[nodiscard]] std::string text() const;
};

}  // namespace todoku::smtp
