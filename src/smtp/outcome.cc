#include "smtp/outcome.h"

namespace todoku::smtp {
namespace {

std::string text_of(const Reply& reply, Cause cause, const std::string& detail) {
  if (reply.code > 0) return std::to_string(reply.code) + ' ' + reply.text();
  std::string text(to_string(cause));
  return detail.empty() || detail == text ? text : text + ": " + detail;
}

}  // namespace

std::string_view to_string(Cause cause) {
  switch (cause) {
    case Cause::none:
      return "none";
    case Cause::connect_failed:
      return "cannot connect";
    case Cause::timeout:
      return "no answer within the time limit";
    case Cause::closed:
      return "connection closed by the server";
    case Cause::network:
      return "connection failed";
    case Cause::tls_failed:
      return "TLS failed";
    case Cause::protocol_error:
      return "the server breaks the protocol";
    case Cause::cancelled:
      return "cancelled";
    case Cause::tls_missing:
      return "the server does not offer TLS";
    case Cause::auth_missing:
      return "the server offers no way to sign in that we know";
    case Cause::too_big:
      return "message size exceeds the server's limit";
    case Cause::no_eight_bit:
      return "the server does not take 8-bit content";
    case Cause::no_smtputf8:
      return "the server does not take internationalised addresses";
    case Cause::bare_line_end:
      return "the content has a line end that is not CR LF";
    case Cause::bad_address:
      return "the address has characters that cannot be sent";
  }
  return "unknown";
}

std::string Failure::text() const { return text_of(reply, cause, detail); }
std::string SendOutcome::text() const { return text_of(reply, cause, detail); }

}  // namespace todoku::smtp
