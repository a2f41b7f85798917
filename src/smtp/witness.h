// Who watches a client session: every line of the conversation as it goes over the wire, but for secrets and the mail
// itself, which are named and not shown.
#pragma once
#include <cstdint>
#include <string_view>

namespace todoku::smtp {

class Witness {
 public:
  enum class Kind : std::uint8_t {
    connecting,  // text: "mx.example.jp [192.0.2.1] port 25"
    connected,
    sent,      // text: lines with CRLF
    received,  // bytes as they came: lines may be cut anywhere
    secured,   // TLS is up: version, cipher, certificate
    failed,    // text: why
    ended,
  };
  virtual ~Witness() = default;
  /// On the session's thread; returns at once.
  virtual void saw(Kind kind, std::string_view text) = 0;
};

}  // namespace todoku::smtp
