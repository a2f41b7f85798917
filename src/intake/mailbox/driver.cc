#include "intake/mailbox/driver.h"

namespace todoku::intake::mailbox {

Trouble trouble_of(const net::Stream& stream, net::IoResult result) {
  switch (result.status) {
    case net::IoStatus::timed_out:
      return {Trouble::Kind::lost, "the server did not answer in time"};
    case net::IoStatus::closed:
      return {Trouble::Kind::lost, "the server closed the connection"};
    default:
      return {Trouble::Kind::lost, "the connection broke: " + stream.error()};
  }
}

Trouble tls_trouble(const net::Stream& stream, const std::string& host) {
  const auto words = [&]() -> std::string {
    switch (stream.tls_fault()) {
      case net::TlsFault::wrong_name:
        return "the server's certificate is not for " + host;
      case net::TlsFault::untrusted:
        return "no authority that we trust vouches for the server's certificate (ca_file names others)";
      case net::TlsFault::expired:
        return "the server's certificate has expired or is not valid yet";
      default:
        return "TLS failed: " + stream.error();
    }
  };
  return {Trouble::Kind::tls, words()};
}

}  // namespace todoku::intake::mailbox
