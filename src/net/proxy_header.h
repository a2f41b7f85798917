// The PROXY protocol's header, versions 1 and 2, by which a load balancer tells whom it stands for (haproxy's
// doc/proxy-protocol.txt). No I/O.
//
// Anybody can write such a header: believe it from the addresses of one's own proxies alone.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace todoku::net {

class ProxyHeader {
 public:
  enum class State : std::uint8_t { more, done, broken };

  /// How many bytes belong to the header for certain, so that nothing behind it is read. At least 1 in State::more.
  [[nodiscard]] std::size_t wanted() const;
  /// Takes bytes, at most wanted().
  State read(std::string_view bytes);
  [[nodiscard]] State state() const { return state_; }

  /// Once done: the client's address in numbers; nothing where the proxy speaks for itself (health checks) or of a
  /// family without one.
  [[nodiscard]] const std::optional<std::string>& client() const { return client_; }

 private:
  State read_text();
  State read_binary();

  std::string header_;
  State state_ = State::more;
  std::optional<std::string> client_;
};

}  // namespace todoku::net
