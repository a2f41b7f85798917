#include "net/stream.h"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "net/stream_impl.h"
#include "net/tls_engine.h"

namespace todoku::net {
namespace asio = boost::asio;
using asio::ip::tcp;
namespace {

constexpr std::size_t kPiecesACall = 64;  // what Asio hands to one writev

bool ended_by_peer(const boost::system::error_code& e) {
  return e == asio::error::eof || e == asio::error::connection_reset || e == asio::error::broken_pipe;
}

// The pieces not sent yet, as the next system call takes them.
class Gather {
 public:
  explicit Gather(std::span<const std::string_view> pieces) : pieces_(pieces) {
    for (auto piece : pieces_) left_ += piece.size();
  }
  [[nodiscard]] bool done() const { return left_ == 0; }

  std::span<const asio::const_buffer> next() {
    std::size_t n = 0;
    for (std::size_t i = first_; i < pieces_.size() && n < kPiecesACall; ++i) {
      auto piece = i == first_ ? pieces_[i].substr(sent_of_first_) : pieces_[i];
      if (!piece.empty()) buffers_[n++] = asio::buffer(piece.data(), piece.size());
    }
    return {buffers_.data(), n};
  }

  void sent(std::size_t bytes) {
    left_ -= bytes;
    for (; bytes > 0; ++first_, sent_of_first_ = 0) {
      auto rest = pieces_[first_].size() - sent_of_first_;
      if (bytes < rest) {
        sent_of_first_ += bytes;
        return;
      }
      bytes -= rest;
    }
  }

 private:
  std::span<const std::string_view> pieces_;
  std::array<asio::const_buffer, kPiecesACall> buffers_;
  std::size_t first_ = 0, sent_of_first_ = 0, left_ = 0;
};

Endpoint endpoint_of(const tcp::endpoint& e) {
  auto address = e.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return {address.to_string(), e.port()};
}

base::Error connect_error(const IoResult& result, const std::string& error, const Endpoint& to) {
  auto code = result.status == IoStatus::timed_out ? base::ErrorCode::limit : base::ErrorCode::unavailable;
  auto text = result.status == IoStatus::timed_out ? "no connection within the time limit" : error;
  return {code, text, {}, to.address + ":" + std::to_string(to.port)};
}

}  // namespace

std::string_view to_string(IoStatus status) {
  switch (status) {
    case IoStatus::ok:
      return "ok";
    case IoStatus::closed:
      return "connection closed by the other side";
    case IoStatus::timed_out:
      return "time limit passed";
    case IoStatus::cancelled:
      return "cancelled";
    case IoStatus::failed:
      break;
  }
  return "failed";
}

Stream::Impl::Impl(tcp::socket s)
    : socket(std::move(s)),
      timer_(socket.get_executor()),
      registry_(asio::use_service<InterruptRegistry>(asio::query(socket.get_executor(), asio::execution::context))) {
  cancelled_ = !registry_.enrol(this);
}

Stream::Impl::~Impl() { registry_.leave(this); }

void Stream::Impl::interrupt() {
  cancelled_ = true;
  close();
}

void Stream::Impl::close() {
  boost::system::error_code ignored;  // closing twice, or what the peer has closed, is no news
  farewell();
  timer_.cancel();
  socket.close(ignored);
}

void Stream::Impl::arm(base::Duration limit) {
  expired_ = false;
  deadline_ = std::min(Clock::now() + limit, overall);
  if (deadline_ < armed_for_) wait_for(deadline_);
}

void Stream::Impl::wait_for(Clock::time_point when) {
  armed_for_ = when;
  timer_.expires_at(when);
  timer_.async_wait([weak = weak_from_this(), when](const boost::system::error_code& failed) {
    auto self = weak.lock();
    if (self && !failed) self->timer_fired(when);
  });
}

void Stream::Impl::timer_fired(Clock::time_point armed_for) {
  if (armed_for != armed_for_) return;  // armed anew since
  armed_for_ = Clock::time_point::max();
  if (deadline_ == Clock::time_point::max()) return;  // nothing under way: the next operation arms again
  if (Clock::now() < deadline_) return wait_for(deadline_);
  expired_ = true;
  boost::system::error_code ignored;
  socket.cancel(ignored);
}

IoResult Stream::Impl::finish(const boost::system::error_code& failed, std::size_t bytes) {
  disarm();
  if (!failed) return {IoStatus::ok, bytes};
  if (expired_ || cancelled_ || failed == asio::error::operation_aborted || failed == asio::error::bad_descriptor) {
    auto status = expired_ ? IoStatus::timed_out : IoStatus::cancelled;
    error = to_string(status);
    return {status, bytes};
  }
  error = failed == asio::error::eof ? std::string(to_string(IoStatus::closed)) : failed.message();
  return {ended_by_peer(failed) ? IoStatus::closed : IoStatus::failed, bytes};
}

Task<IoResult> Stream::Impl::connect(tcp::endpoint to, base::Duration limit) {
  boost::system::error_code failed;
  if (cancelled_) co_return finish(asio::error::operation_aborted, 0);
  arm(limit);
  co_await socket.async_connect(to, asio::redirect_error(asio::use_awaitable, failed));
  co_return finish(failed, 0);
}

Task<IoResult> Stream::Impl::read_plain(std::span<char> into, base::Duration limit) {
  boost::system::error_code failed;
  if (cancelled_) co_return finish(asio::error::operation_aborted, 0);
  arm(limit);
  auto bytes = co_await socket.async_read_some(asio::buffer(into.data(), into.size()),
                                               asio::redirect_error(asio::use_awaitable, failed));
  co_return finish(failed, bytes);
}

Task<IoResult> Stream::Impl::write_plain(std::span<const std::string_view> pieces, base::Duration limit) {
  boost::system::error_code failed;
  if (cancelled_) co_return finish(asio::error::operation_aborted, 0);
  Gather gather(pieces);
  std::size_t total = 0;
  while (!gather.done() && !failed) {
    arm(limit);
    auto bytes = co_await socket.async_write_some(gather.next(), asio::redirect_error(asio::use_awaitable, failed));
    gather.sent(bytes);
    total += bytes;
  }
  co_return finish(failed, total);
}

Stream::Stream(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept {
  if (impl_ && impl_ != other.impl_) close();
  impl_ = std::move(other.impl_);
  return *this;
}
Stream::~Stream() {
  if (impl_) close();
}

Task<base::Result<Stream>> Stream::connect(Endpoint to, ConnectOptions options) {
  boost::system::error_code failed;
  auto address = asio::ip::make_address(to.address, failed);
  if (failed) co_return base::Error{base::ErrorCode::invalid, "not an IP address", {}, to.address};
  tcp::endpoint target(address, to.port);
  tcp::socket socket(co_await asio::this_coro::executor);
  socket.open(target.protocol(), failed);
  if (!failed && !options.source_address.empty()) {
    auto source = asio::ip::make_address(options.source_address, failed);
    if (!failed) socket.bind(tcp::endpoint(source, 0), failed);
    if (failed)
      co_return base::Error{base::ErrorCode::invalid, failed.message(), "choose an address of this machine",
                            options.source_address};
  }
  if (failed) co_return base::Error{base::ErrorCode::unavailable, failed.message(), {}, to.address};
  socket.set_option(tcp::no_delay(true), failed);
  Stream stream(std::make_shared<Impl>(std::move(socket)));
  auto result = co_await stream.impl_->connect(target, options.limit);
  if (!result) co_return connect_error(result, stream.error(), to);
  co_return stream;
}

Task<IoResult> Stream::read_some(std::span<char> into, base::Duration limit) {
  return impl_->tls ? impl_->read_tls(into, limit) : impl_->read_plain(into, limit);
}

Task<IoResult> Stream::write(std::span<const std::string_view> pieces, base::Duration limit) {
  return impl_->tls ? impl_->write_tls(pieces, limit) : impl_->write_plain(pieces, limit);
}

void Stream::set_overall_limit(base::Duration limit) {
  impl_->overall = limit.count() == 0 ? Impl::Clock::time_point::max() : Impl::Clock::now() + limit;
}

void Stream::close() { impl_->close(); }
const std::string& Stream::error() const { return impl_->error; }

Endpoint Stream::local() const {
  boost::system::error_code ignored;  // an unconnected socket has 0.0.0.0:0
  return endpoint_of(impl_->socket.local_endpoint(ignored));
}

Endpoint Stream::remote() const {
  boost::system::error_code ignored;
  return endpoint_of(impl_->socket.remote_endpoint(ignored));
}

}  // namespace todoku::net
