// TLS sessions kept by a client for resuming them. Thread-safe. Internal to net.
#pragma once
#include <openssl/ssl.h>

#include <cstddef>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/owned.h"

namespace todoku::net {

/// Bounded: each session holds its peer's certificates, some kilobytes. The peers that were least recently heard from
/// are forgotten first.
class TlsSessions {
 public:
  using Session = base::Owned<SSL_SESSION, SSL_SESSION_free>;
  static constexpr std::size_t kMostPeers = 2'000;
  static constexpr std::size_t kMostOfPeer = 4;  // TLS 1.3 servers give two with each connection

  /// `key`: the peer, and what was asked of it.
  void store(const std::string& key, Session session);
  /// The newest one into `ssl`, where one is kept. One of TLS 1.3 is for one use (RFC 8446 appendix C.4).
  void resume(const std::string& key, SSL* ssl);
  [[nodiscard]] std::size_t peers() const;

 private:
  struct Entry {
    std::deque<Session> sessions;  // newest last
    std::list<std::string>::iterator place;
  };

  mutable std::mutex mutex_;
  std::list<std::string> order_;                    // least recent first; guarded by mutex_
  std::unordered_map<std::string, Entry> by_peer_;  // guarded by mutex_
};

}  // namespace todoku::net
