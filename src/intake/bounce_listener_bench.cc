// Bounces a second into a listener that hands them to nobody: what the road itself costs, both sides of it.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <thread>

#include "intake/bounce_listener.h"
#include "smtp/client_session.h"

namespace todoku::intake {
namespace {

class Nobody final : public Taker {
 public:
  void take(std::span<const Arrival> arrivals) override { benchmark::DoNotOptimize(arrivals.data()); }
  void take(std::span<const RelayWord>) override {}
};

tracking::Tokens one_key() {
  std::vector<tracking::TokenKey> keys;
  keys.push_back({1, base::Secret(std::string(tracking::Tokens::kSecretSize, 'k'))});
  return tracking::Tokens(std::move(keys));
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

net::Task<> send(std::uint16_t port, int connections, int mails, const std::string& content) {
  smtp::SessionOptions options;
  options.client.helo = "mx.example";
  options.client.tls = smtp::TlsMode::off;
  const std::string to = "bounces+" + one_key().sign(tracking::Purpose::return_path, {{1}, {4711}}) + "@bounce.example";
  const std::string_view recipient = to;
  for (int i = 0; i < connections; ++i) {
    auto opened = co_await smtp::ClientSession::open({"mx", "127.0.0.1", port}, options);
    if (!opened) std::abort();
    for (int j = 0; j < mails; ++j) {
      const auto outcome =
          co_await opened.session->send({.sender = "", .recipients = {&recipient, 1}, .content = content});
      if (!outcome.accepted()) std::abort();
    }
    co_await opened.session->quit();
  }
}

/// Argument: mails over one connection.
void bounces(benchmark::State& state) {
  constexpr int kClients = 20, kMails = 20'000;
  const int per_connection = static_cast<int>(state.range(0));
  net::Runtime runtime({.threads = 2, .workers = 2});
  base::SystemClock clock;
  Nobody nobody;
  tracking::CurrentTokens tokens(one_key);
  BounceListener listener(OwnAddresses::make({"bounce.example"}, {}).value(), tokens, nobody, runtime, clock, {});
  auto server = smtp::Server::start(runtime, {"127.0.0.1", 0}, listener, guarded_settings()).value();
  const std::string content = "Subject: failure notice\r\n\r\n" + std::string(4000, 'x') + "\r\n";
  const double before = cpu_seconds();
  for (auto _ : state) {
    const auto idle = runtime.tasks();
    const int connections = kMails / kClients / per_connection;
    for (int i = 0; i < kClients; ++i) runtime.spawn(send(server->at().port, connections, per_connection, content));
    while (runtime.tasks() > idle) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const auto total = static_cast<double>(state.iterations()) * kMails;
  state.counters["bounces/s"] = benchmark::Counter(total, benchmark::Counter::kIsRate);
  state.counters["cpu_us_bounce_both_sides"] = (cpu_seconds() - before) * 1e6 / total;
  server.reset();
  runtime.close(base::Duration{5000});
}
BENCHMARK(bounces)->Arg(1)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace todoku::intake
