// A byte stream over TCP, plain or in TLS behind one type, whose every operation has a time limit.
//
// A stream belongs to the I/O thread it was made on, and has one operation under way at a time. After a failure it is
// good for nothing but error() and destruction, with two exceptions: after a read that timed out everything goes on,
// and after a failed write what the peer sent before can be read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"
#include "net/tls_peer.h"

namespace todoku::net {

enum class IoStatus : std::uint8_t {
  ok,
  closed,     // the peer ended the stream (or reset it)
  timed_out,  // the operation's own limit or the stream's overall limit passed
  cancelled,  // closed from this side, or the runtime is closing
  failed,     // anything else; error() says what
};
[[nodiscard]] std::string_view to_string(IoStatus status);

struct IoResult {
  IoStatus status = IoStatus::ok;
  std::size_t bytes = 0;
  explicit operator bool() const { return status == IoStatus::ok; }
};

struct Endpoint {
  std::string address;  // IPv4 or IPv6, in numbers
  std::uint16_t port = 0;
};

class TlsClientContext;
class TlsServerContext;

/// Of an established TLS session.
struct TlsInfo {
  std::string version;  // "TLSv1.3"
  std::string cipher;
  bool verified = false;            // the certificate is trusted and bears the expected name
  std::string verify_error;         // why not
  TlsFault fault = TlsFault::none;  // likewise
  bool resumed = false;
};

struct ConnectOptions {
  base::Duration limit = base::Duration{30'000};
  std::string source_address = {};  // empty: the system's choice
};

class Stream {
 public:
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;
  ~Stream();

  /// Connects from the caller's I/O thread. Errors: invalid (address), unavailable (refused, unreachable), limit.
  [[nodiscard]] static Task<base::Result<Stream>> connect(Endpoint to, ConnectOptions options);

  /// At least one byte, at most `into`.
  [[nodiscard]] Task<IoResult> read_some(std::span<char> into, base::Duration limit);

  /// All pieces in order, in as few system calls as the system takes; `limit` holds for each of them, so that a slow
  /// peer may take long over a long text but not stand still. The pieces live until this returns. On failure `bytes`
  /// is at least what may have reached the peer.
  [[nodiscard]] Task<IoResult> write(std::span<const std::string_view> pieces, base::Duration limit);

  /// Turns the stream into TLS. Nothing of the plain stream may be left in the caller's buffers: that is injected.
  /// `name` is what SNI sends and the certificate is checked against.
  [[nodiscard]] Task<IoResult> start_tls(TlsClientContext& context, std::string name, base::Duration limit);
  [[nodiscard]] Task<IoResult> start_tls(TlsClientContext& context, TlsPeer peer, base::Duration limit);
  [[nodiscard]] Task<IoResult> start_tls(TlsServerContext& context, base::Duration limit);
  [[nodiscard]] const TlsInfo* tls() const;  // null: plain
  /// Why the handshake failed.
  [[nodiscard]] TlsFault tls_fault() const;

  /// From now on all operations together take at most this long; zero lifts the limit.
  void set_overall_limit(base::Duration limit);

  /// Sends TLS's farewell where it can be sent at once, and closes. Operations under way end as cancelled.
  void close();

  /// What went wrong last, in words ("connection reset by peer").
  [[nodiscard]] const std::string& error() const;
  [[nodiscard]] Endpoint local() const;
  [[nodiscard]] Endpoint remote() const;

  class Impl;
  explicit Stream(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;  // shared with the timer's handler, which may run after the stream is gone
};

}  // namespace todoku::net
