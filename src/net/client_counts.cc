#include "net/client_counts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace todoku::net {

std::string client_of(const std::string& address) {
  in6_addr v6{};
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1) return address;
  std::fill(std::begin(v6.s6_addr) + 8, std::end(v6.s6_addr), 0);
  std::array<char, INET6_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET6, &v6, text.data(), text.size());
}

bool ClientCounts::enter(const std::string& client, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  std::size_t& open = open_[client];
  if (open >= limit) return false;
  ++open;
  return true;
}

void ClientCounts::leave(const std::string& client) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(client);
  if (found != open_.end() && --found->second == 0) open_.erase(found);
}

}  // namespace todoku::net
