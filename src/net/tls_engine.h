// One TLS session over OpenSSL without I/O: encrypted bytes are fed in and taken out by the stream. Internal to net.
#pragma once
#include <openssl/ssl.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "net/stream.h"

namespace todoku::net {

struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, SslFree>;

class TlsEngine {
 public:
  enum class Step { done, want_read, closed, failed };

  explicit TlsEngine(Ssl ssl);  // its role and expectations are set

  // Each may leave output(), to be sent before anything else.
  Step handshake();
  Step read(std::span<char> into, std::size_t& bytes);
  Step write(std::string_view text);
  void farewell();  // close_notify

  [[nodiscard]] std::string_view output() const;
  void output_sent();
  void feed(std::string_view encrypted);

  [[nodiscard]] TlsInfo info() const;
  [[nodiscard]] const std::string& error() const { return error_; }

 private:
  Step outcome(int result);

  Ssl ssl_;
  BIO* in_;   // owned by ssl_
  BIO* out_;  // owned by ssl_
  std::string error_;
};

/// The oldest entry of OpenSSL's error queue in words; empties the queue.
[[nodiscard]] std::string openssl_error();

}  // namespace todoku::net
