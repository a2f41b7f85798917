// Inside of Stream: a socket, one timer for all limits, and TLS when started. Internal to net.
#pragma once
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/interrupt.h"
#include "net/stream.h"

namespace todoku::net {

class TlsEngine;

class Stream::Impl final : public Interruptible, public std::enable_shared_from_this<Stream::Impl> {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Impl(boost::asio::ip::tcp::socket socket);
  ~Impl() override;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void interrupt() override;

  Task<IoResult> connect(boost::asio::ip::tcp::endpoint to, base::Duration limit);
  Task<IoResult> read_plain(std::span<char> into, base::Duration limit);
  Task<IoResult> write_plain(std::span<const std::string_view> pieces, base::Duration limit);
  Task<IoResult> handshake(std::unique_ptr<TlsEngine> engine, base::Duration limit);
  Task<IoResult> read_tls(std::span<char> into, base::Duration limit);
  Task<IoResult> write_tls(std::span<const std::string_view> pieces, base::Duration limit);
  void farewell();
  void close();

  boost::asio::ip::tcp::socket socket;
  std::string error;
  std::unique_ptr<TlsEngine> tls;
  std::optional<TlsInfo> tls_info;
  std::vector<char> encrypted;  // as it comes, before it is fed to TLS
  std::size_t encrypted_wanted = 2048;
  Clock::time_point overall = Clock::time_point::max();

 private:
  // The timer is armed once and looks at deadline_ when it fires: an operation only stores its deadline. That spares
  // two timer operations for each read and write.
  void arm(base::Duration limit);
  void disarm() { deadline_ = Clock::time_point::max(); }
  void wait_for(Clock::time_point when);
  void timer_fired(Clock::time_point armed_for);
  IoResult finish(const boost::system::error_code& failed, std::size_t bytes);
  bool encrypt(std::vector<std::string_view>& pieces);
  Task<IoResult> flush_tls(base::Duration limit);
  Task<IoResult> feed_tls(base::Duration limit);
  IoResult tls_failed();

  boost::asio::steady_timer timer_;
  InterruptRegistry& registry_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point armed_for_ = Clock::time_point::max();
  bool expired_ = false;
  bool cancelled_ = false;
};

}  // namespace todoku::net
