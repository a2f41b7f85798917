#include "net/ipv6_route.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace todoku::net {
namespace {

constexpr std::int64_t kValid = 60'000;
constexpr std::uint16_t kDiscard = 9;

/// Connecting a datagram socket looks up the route and sends nothing. The address is of the range that is in use.
bool has_route() {
  const int socket = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  sockaddr_in6 somebody{};
  somebody.sin6_family = AF_INET6;
  somebody.sin6_port = htons(kDiscard);
  ::inet_pton(AF_INET6, "2600::1", &somebody.sin6_addr);
  const bool found = ::connect(socket, reinterpret_cast<const sockaddr*>(&somebody), sizeof somebody) == 0;
  ::close(socket);
  return found;
}

}  // namespace

bool Ipv6Route::here() {
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  const std::int64_t last = looked_at_;
  if (last == 0 || now - last > kValid) {
    here_ = has_route();
    looked_at_ = now;
  }
  return here_;
}

}  // namespace todoku::net
