// One TLS session over OpenSSL without I/O: encrypted bytes are fed in and taken out by the stream. Internal to net.
#pragma once
#include <openssl/ssl.h>

#include <span>
#include <string>
#include <string_view>

#include "base/owned.h"
#include "net/stream.h"
#include "net/tls_buffer.h"

namespace todoku::net {

using Ssl = base::Owned<SSL, SSL_free>;

class TlsEngine {
 public:
  enum class Step { done, want_read, closed, failed };

  /// Role and expectations of `ssl` are set; by_dane: TLSA records among them.
  explicit TlsEngine(Ssl ssl, bool by_dane = false);
  TlsEngine(const TlsEngine&) = delete;  // ssl_ points into it
  TlsEngine& operator=(const TlsEngine&) = delete;

  // Each may leave output(), to be sent before anything else.
  Step handshake();
  Step read(std::span<char> into, std::size_t& bytes);
  Step write(std::string_view text);
  void farewell();  // close_notify

  [[nodiscard]] std::string_view output() const { return out_.content(); }
  void output_sent() { out_.skip(out_.content().size()); }
  void feed(std::string_view encrypted) { in_.append(encrypted); }

  [[nodiscard]] TlsInfo info() const;
  [[nodiscard]] const std::string& error() const { return error_; }
  /// Why the handshake failed; none while it did not.
  [[nodiscard]] TlsFault fault() const { return fault_; }

 private:
  Step outcome(int result);

  TlsBuffer in_, out_;
  Ssl ssl_;  // owns the BIOs over them
  bool by_dane_;
  std::string error_;
  TlsFault fault_ = TlsFault::none;
};

/// The oldest entry of OpenSSL's error queue in words; empties the queue.
[[nodiscard]] std::string openssl_error();

}  // namespace todoku::net
