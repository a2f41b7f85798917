// Stream's TLS side: drives a TlsEngine over the plain socket.
#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/stream_impl.h"
#include "net/tls.h"
#include "net/tls_engine.h"

namespace todoku::net {
namespace {

constexpr std::size_t kRecord = 16 * 1024;  // the most that one TLS record holds

}  // namespace

Task<IoResult> Stream::Impl::flush_tls(base::Duration limit) {
  auto output = tls->output();
  if (output.empty()) co_return IoResult{};
  auto result = co_await write_plain({&output, 1}, limit);
  tls->output_sent();
  co_return result;
}

// Reads what the socket has into the engine.
Task<IoResult> Stream::Impl::feed_tls(base::Duration limit) {
  encrypted.resize(encrypted_wanted);
  auto result = co_await read_plain(encrypted, limit);
  if (!result) co_return result;
  tls->feed({encrypted.data(), result.bytes});
  // Short answers need little; where more waits, more is taken at once.
  if (result.bytes == encrypted.size()) encrypted_wanted = kRecord;
  co_return result;
}

IoResult Stream::Impl::tls_failed() {
  error = tls->error();
  return {IoStatus::failed, 0};
}

Task<IoResult> Stream::Impl::handshake(std::unique_ptr<TlsEngine> engine, base::Duration limit) {
  tls = std::move(engine);
  // One limit for the whole handshake, however many turns it takes.
  auto outer = std::exchange(overall, std::min(overall, Clock::now() + limit));
  IoResult result;
  for (;;) {
    auto step = tls->handshake();
    result = co_await flush_tls(limit);  // an alert, too, is told to the peer
    if (step == TlsEngine::Step::failed || step == TlsEngine::Step::closed) result = tls_failed();
    if (!result || step == TlsEngine::Step::done) break;
    result = co_await feed_tls(limit);
    if (!result) break;
  }
  overall = outer;
  if (result) tls_info = tls->info();
  co_return result;
}

Task<IoResult> Stream::Impl::read_tls(std::span<char> into, base::Duration limit) {
  for (;;) {
    std::size_t bytes = 0;
    auto step = tls->read(into, bytes);
    if (auto sent = co_await flush_tls(limit); !sent) co_return sent;  // key updates are answered
    if (step == TlsEngine::Step::done) co_return IoResult{IoStatus::ok, bytes};
    if (step == TlsEngine::Step::failed) co_return tls_failed();
    if (step == TlsEngine::Step::closed) {
      error = to_string(IoStatus::closed);
      co_return IoResult{IoStatus::closed, 0};
    }
    if (auto fed = co_await feed_tls(limit); !fed) co_return fed;
  }
}

/// Small pieces are joined: each record costs a header, a tag and a pass of the cipher. Takes off `pieces` what is in
/// the engine now, some records at a time.
bool Stream::Impl::encrypt(std::vector<std::string_view>& pieces) {
  thread_local std::string record;
  record.clear();
  auto piece = pieces.begin();
  while (piece != pieces.end() && tls->output().size() < 4 * kRecord) {
    const auto part = piece->substr(0, kRecord - record.size());
    record += part;
    piece->remove_prefix(part.size());
    if (piece->empty()) ++piece;
    if (record.size() < kRecord && piece != pieces.end()) continue;
    if (tls->write(record) != TlsEngine::Step::done) return false;
    record.clear();
  }
  pieces.erase(pieces.begin(), piece);
  return true;
}

Task<IoResult> Stream::Impl::write_tls(std::span<const std::string_view> pieces, base::Duration limit) {
  std::size_t total = 0;
  for (const auto& piece : pieces) total += piece.size();
  std::vector<std::string_view> rest(pieces.begin(), pieces.end());
  while (!rest.empty()) {
    if (!encrypt(rest)) co_return tls_failed();
    if (auto sent = co_await flush_tls(limit); !sent) co_return IoResult{sent.status, total};
  }
  co_return IoResult{IoStatus::ok, total};
}

void Stream::Impl::farewell() {
  if (!tls || !tls_info || expired_ || cancelled_) return;
  tls->farewell();
  auto output = tls->output();
  boost::system::error_code ignored;  // only if it can go at once; the peer may be gone
  socket.non_blocking(true, ignored);
  if (!output.empty()) socket.write_some(boost::asio::buffer(output.data(), output.size()), ignored);
  tls->output_sent();
}

Task<IoResult> Stream::start_tls(TlsClientContext& context, std::string name, base::Duration limit) {
  TlsPeer peer;
  peer.name = std::move(name);
  co_return co_await start_tls(context, std::move(peer), limit);
}

Task<IoResult> Stream::start_tls(TlsClientContext& context, TlsPeer peer, base::Duration limit) {
  auto impl = impl_;
  co_return co_await impl->handshake(context.engine(peer), limit);
}

Task<IoResult> Stream::start_tls(TlsServerContext& context, base::Duration limit) {
  auto impl = impl_;
  co_return co_await impl->handshake(context.engine(), limit);
}

TlsFault Stream::tls_fault() const { return impl_->tls ? impl_->tls->fault() : TlsFault::none; }

const TlsInfo* Stream::tls() const { return impl_->tls_info ? &*impl_->tls_info : nullptr; }

}  // namespace todoku::net
