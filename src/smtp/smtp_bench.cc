// Mails a second from a client session to our own server over loopback, both on the same machine: 10 kB, pipelined, one
// mail at a time on each connection, as delivery sends them.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "net/runtime.h"
#include "net/tls.h"
#include "smtp/client_session.h"
#include "smtp/content.h"
#include "smtp/server.h"

namespace todoku::smtp {
namespace {

class Discard : public Receiver {
 public:
  net::Task<Answer> message(Visit&) override { co_return Answer{}; }
};

std::string ten_kilobytes() {
  std::string content = "Subject: bench\r\n\r\n";
  while (content.size() < 10'000) content += "<p>A line of a newsletter, as long as they are. Read on ...</p>\r\n";
  return content;
}

net::Task<> send(std::uint16_t port, SessionOptions options, const std::string& content, std::atomic<int>& left) {
  auto opened = co_await ClientSession::open({"mx.example", "127.0.0.1", port}, std::move(options));
  std::string_view to = "reader@example.jp";
  Envelope mail{.sender = "sender@example.com", .recipients = {&to, 1}, .content = content};
  while (opened && left.fetch_sub(1) > 0)
    if (!(co_await opened.session->send(mail, &mail)).accepted()) co_return;
  if (opened) co_await opened.session->quit();
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void mails(benchmark::State& state, bool with_tls) {
  constexpr int kMails = 20'000;
  net::Runtime runtime({.threads = 2, .workers = 1});
  Discard discard;
  auto own = net::make_self_signed("mx.example");
  std::shared_ptr<net::TlsServerContext> server_tls = net::TlsServerContext::create(own.certificate, own.key).value();
  auto client_tls = net::TlsClientContext::create().value();
  auto server = Server::start(runtime, {"127.0.0.1", 0}, discard, {}, with_tls ? server_tls : nullptr).value();
  SessionOptions options;
  options.client.helo = "us.example";
  options.client.tls = with_tls ? TlsMode::required : TlsMode::off;
  options.tls = with_tls ? client_tls.get() : nullptr;
  auto content = ten_kilobytes();
  double cpu = 0;
  for (auto _ : state) {
    std::atomic<int> left = kMails;
    auto before = cpu_seconds();
    auto idle = runtime.tasks();
    for (int i = 0; i < 50; ++i) runtime.spawn(send(server->at().port, options, content, left));
    while (runtime.tasks() > idle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    cpu += cpu_seconds() - before;
  }
  auto total = static_cast<double>(state.iterations()) * kMails;
  state.counters["mails/s"] = benchmark::Counter(total, benchmark::Counter::kIsRate);
  state.counters["cpu_us_mail_both_sides"] = cpu * 1e6 / total;
}

void client_and_server(benchmark::State& state) { mails(state, false); }
BENCHMARK(client_and_server)->Unit(benchmark::kMillisecond)->UseRealTime();
void client_and_server_tls(benchmark::State& state) { mails(state, true); }
BENCHMARK(client_and_server_tls)->Unit(benchmark::kMillisecond)->UseRealTime();

void inspect_and_stuff(benchmark::State& state) {
  auto content = ten_kilobytes();
  std::vector<std::string_view> pieces;
  for (auto _ : state) {
    pieces.clear();
    append_stuffed(content, inspect(content), pieces);
    benchmark::DoNotOptimize(pieces.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * content.size()));
}
BENCHMARK(inspect_and_stuff);

}  // namespace
}  // namespace todoku::smtp
