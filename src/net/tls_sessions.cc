#include "net/tls_sessions.h"

namespace todoku::net {

void TlsSessions::store(const std::string& key, Session session) {
  const std::scoped_lock lock(mutex_);
  auto found = by_peer_.find(key);
  if (found == by_peer_.end()) {
    if (by_peer_.size() >= kMostPeers) {
      by_peer_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(key);
    found = by_peer_.emplace(key, Entry{{}, std::prev(order_.end())}).first;
  } else {
    order_.splice(order_.end(), order_, found->second.place);
  }
  auto& sessions = found->second.sessions;
  if (sessions.size() >= kMostOfPeer) sessions.pop_front();
  sessions.push_back(std::move(session));
}

void TlsSessions::resume(const std::string& key, SSL* ssl) {
  const std::scoped_lock lock(mutex_);
  const auto found = by_peer_.find(key);
  if (found == by_peer_.end()) return;
  auto& sessions = found->second.sessions;
  SSL_set_session(ssl, sessions.back().get());
  if (SSL_SESSION_get_protocol_version(sessions.back().get()) < TLS1_3_VERSION) return;
  sessions.pop_back();
  if (!sessions.empty()) return;
  order_.erase(found->second.place);
  by_peer_.erase(found);
}

std::size_t TlsSessions::peers() const {
  const std::scoped_lock lock(mutex_);
  return by_peer_.size();
}

}  // namespace todoku::net
