// TLS contexts for clients and servers over OpenSSL: TLS 1.2 and newer, resumption, levels of verification.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "net/tls_peer.h"

namespace todoku::net {

class TlsEngine;

enum class TlsVerify : std::uint8_t {
  none,  // as each peer says
  name,  // at least a trusted chain and the expected name, from every peer
};

struct TlsClientOptions {
  TlsVerify verify = TlsVerify::none;
  std::string authorities_file = {};  // PEM; empty: the system's
};

/// Thread-safe. Keeps the newest sessions of each peer, so that further connections to it resume. Only those from which
/// the same was asked: a session that was made without looking at the certificate proves nothing later.
class TlsClientContext {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<TlsClientContext>> create(const TlsClientOptions& options = {});
  ~TlsClientContext();

  [[nodiscard]] std::unique_ptr<TlsEngine> engine(const TlsPeer& peer);  // for Stream

 private:
  class Impl;
  explicit TlsClientContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Thread-safe.
class TlsServerContext {
 public:
  /// Certificate chain (leaf first) and key, in PEM.
  [[nodiscard]] static base::Result<std::unique_ptr<TlsServerContext>> create(std::string_view chain,
                                                                              const base::Secret& key);
  ~TlsServerContext();

  [[nodiscard]] std::unique_ptr<TlsEngine> engine();  // for Stream

 private:
  class Impl;
  explicit TlsServerContext(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A self-signed certificate for a name (and 127.0.0.1, ::1), made now: for tests, the sandbox, and a first start.
struct SelfSigned {
  std::string certificate;  // PEM
  base::Secret key;         // PEM
};
[[nodiscard]] SelfSigned make_self_signed(std::string_view name);

}  // namespace todoku::net
