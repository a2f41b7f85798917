#include "scan/clamd.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>

namespace todoku::scan {
namespace {

using base::Error;
using base::ErrorCode;
using SteadyClock = std::chrono::steady_clock;

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

template <class Kind>
Address packed(const Kind& kind) {
  Address address;
  std::memcpy(&address.storage, &kind, sizeof kind);
  address.size = sizeof kind;
  return address;
}

std::optional<Address> unix_address(const std::string& path) {
  sockaddr_un local{};
  local.sun_family = AF_UNIX;
  if (path.size() >= sizeof local.sun_path) return std::nullopt;
  path.copy(local.sun_path, path.size());
  return packed(local);
}

/// "127.0.0.1:3310", "[::1]:3310"
std::optional<Address> internet_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data() + colon + 1, end, port);
  if (problem != std::errc{} || stop != end || port == 0) return std::nullopt;
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_port = htons(port);
  if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) return packed(four);
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(port);
  if (inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) == 1) return packed(six);
  return std::nullopt;
}

/// A socket that does not block, and the time it has.
class Line {
 public:
  Line(const ClamdOptions& options, int family)
      : options_(options), end_(SteadyClock::now() + options.limit), fd_(::socket(family, kKind, 0)) {}
  ~Line() {
    if (fd_ >= 0) ::close(fd_);
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  base::Result<void> connect(const Address& to) {
    if (fd_ < 0) return lost(errno);
    const auto* const target = reinterpret_cast<const sockaddr*>(&to.storage);
    if (::connect(fd_, target, to.size) == 0) return base::done;
    if (errno != EINPROGRESS) return lost(errno);
    if (auto ready = wait(POLLOUT); !ready) return std::move(ready).error();
    int problem = 0;
    socklen_t size = sizeof problem;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) return lost(problem);
    return base::done;
  }

  /// Sends and reads until there is an answer.
  base::Result<Verdict> talk(ClamdExchange& exchange) {
    bool writable = true;  // false once clamd reads no more: its answer may be there all the same
    for (;;) {
      const auto output = exchange.output();
      const bool more = writable && output[0].size() + output[1].size() > 0;
      auto ready = wait(static_cast<short>(POLLIN | (more ? POLLOUT : 0)));
      if (!ready) return std::move(ready).error();
      if ((*ready & (POLLIN | POLLHUP | POLLERR)) != 0) {
        auto ended = read(exchange);
        if (!ended) return std::move(ended).error();
        if (*ended) return exchange.verdict();
      } else if ((*ready & POLLOUT) != 0) {
        writable = write(exchange);
      }
    }
  }

 private:
  static constexpr int kKind = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

  base::Result<short> wait(short events) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - SteadyClock::now()).count();
      if (left <= 0) {
        return Error{ErrorCode::limit, "clamd does not answer in time",
                     "see whether it is busy, or raise clamd.timeout", options_.address};
      }
      pollfd one{.fd = fd_, .events = events, .revents = 0};
      const int ready = ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
      if (ready > 0) return one.revents;
      if (ready < 0 && errno != EINTR) return lost(errno);
    }
  }

  base::Result<bool> read(ClamdExchange& exchange) {
    std::array<char, 4096> buffer;
    const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got < 0) return lost(errno);
    if (got == 0) {
      return Error{ErrorCode::unavailable, "clamd ended the connection without an answer", "see clamd's log",
                   options_.address};
    }
    return exchange.received({buffer.data(), static_cast<std::size_t>(got)});
  }

  /// False: nothing more can be sent.
  bool write(ClamdExchange& exchange) {
    std::array<iovec, 2> pieces{};
    const auto output = exchange.output();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      pieces[i] = {const_cast<char*>(output[i].data()), output[i].size()};
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    const ssize_t sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    exchange.sent(static_cast<std::size_t>(sent));
    return true;
  }

  [[nodiscard]] Error lost(int problem) const {
    return {ErrorCode::unavailable, "clamd cannot be reached: " + std::generic_category().message(problem),
            "start clamd, or correct clamd.address", options_.address};
  }

  const ClamdOptions& options_;
  const SteadyClock::time_point end_;
  const int fd_;
};

}  // namespace

base::Result<Verdict> ask_clamd(const ClamdOptions& options, std::string_view content) {
  const auto to = options.address.starts_with('/') ? unix_address(options.address) : internet_address(options.address);
  if (!to) {
    return Error{ErrorCode::invalid, "this is no address of a clamd",
                 "give the path of its socket, or IP address and port (127.0.0.1:3310)", options.address};
  }
  Line line(options, to->storage.ss_family);
  if (auto connected = line.connect(*to); !connected) return std::move(connected).error();
  ClamdExchange exchange(content);
  return line.talk(exchange);
}

}  // namespace todoku::scan
