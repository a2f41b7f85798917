#include "app/bench_delivery.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/bench_mail.h"
#include "app/command.h"
#include "app/dkim_keyring.h"
#include "app/sending.h"
#include "audience/import.h"
#include "audience/list.h"
#include "campaign/campaign.h"
#include "campaign/status.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::minutes kLongestImport{10};  // of the node that is joined
constexpr base::Duration kLook{50};

constexpr std::string_view kName = "bench";  // of the list and of the campaign
constexpr std::string_view kDomain = "shop.example";
constexpr std::string_view kCities[] = {"札幌", "仙台", "東京", "名古屋", "京都", "大阪", "広島", "福岡"};

double seconds_since(Steady::time_point start) { return std::chrono::duration<double>(Steady::now() - start).count(); }

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// A line of /proc/self/status such as "VmHWM", in bytes.
std::int64_t memory(std::string_view what) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(what)) return std::stoll(line.substr(what.size() + 1)) * 1024;
  }
  return 0;
}

/// What making the contacts took is given back, so that the peak is that of sending.
std::int64_t forget_peak() {
  ::malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
  return memory("VmRSS");
}

template <class T>
T need(Context& context, base::Result<T> result) {
  if (result) return *std::move(result);
  context.fail(result.error());
  throw Stop{};
}

void set_up(Context& context, const BenchDelivery& wanted) {
  const std::string connections = std::to_string(wanted.connections);
  std::vector<std::pair<std::string_view, std::string>> settings = {
      {"smarthost.host", wanted.host},
      {"smarthost.port", std::to_string(wanted.port)},
      {"smarthost.user", ""},
      {"smarthost.tls", wanted.tls ? "opportunistic" : "off"},
      {"smtp.helo", "bench.todoku.invalid"},
      {"delivery.connections", connections},
      {"delivery.connections_per_site", connections},
      {"delivery.mails_per_connection", "1000000"}};
  if (!wanted.dns.empty()) {
    settings.insert(settings.end(), {{"smarthost.host", ""},
                                     {"dns.stub", wanted.dns},
                                     {"smtp.port", std::to_string(wanted.port)},
                                     {"smtp.tls", wanted.tls ? "opportunistic" : "off"},
                                     {"smtp.timeout_connect", "5s"},
                                     {"delivery.expire", "1s"}});
  }
  for (const auto& [key, value] : settings) {
    if (auto set = context.adjustable_config().set(key, value, "bench"); !set) context.fail(set.error());
  }
}

std::string domain_of(const BenchDelivery& wanted, std::int64_t reader) {
  if (wanted.domains == 1) return "bench.example";
  const std::int64_t number = reader % wanted.domains;
  return fmt::format("d{}{}.bench.example", number, wanted.is_dead(number) ? "-dead" : "");
}

void write_readers(const std::filesystem::path& path, const BenchDelivery& wanted) {
  std::ofstream file(path, std::ios::binary);
  file << "email,name,number,city\n";
  for (std::int64_t i = 0; i < wanted.count; ++i) {
    file << fmt::format("reader{0}@{1},読者{0},{2},{3}\n", i, domain_of(wanted, i), 1'000'000 + i,
                        kCities[i % std::size(kCities)]);
  }
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path.string());
}

void import_readers(Context& context, const BenchDelivery& wanted) {
  audience::ImportOptions options;
  options.file = context.data / "readers.csv";
  options.list = kName;
  options.consent = "bench";
  write_readers(options.file, wanted);
  need(context, audience::import_contacts(context.exclusive_store(), options, base::SystemClock()));
  std::filesystem::remove(options.file);
}

campaign::Campaign make_campaign(Context& context, store::Store& store, std::size_t size, BenchFigures& figures) {
  campaign::Campaign draft;
  draft.name = kName;
  draft.list = *audience::find_list(*store.read(), kName);
  draft.sender = {.name = "みどり商店",
                  .address = fmt::format("news@{}", kDomain),
                  .reply_to = "",
                  .postal_address = "東京都千代田区架空町1-2-3",
                  .contact = "info@shop.example",
                  .bounce_domain = "bounce.shop.example",
                  .public_url = "https://mail.shop.example"};
  const auto files = bench_template(draft, size);
  figures.mail_bytes = bench_mail_size(draft, files);
  store.write_now([&](store::Connection& db) {
    need(context, campaign::create(db, {.name = draft.name, .list = draft.list, .sender = draft.sender, .files = files},
                                   base::SystemClock().now()));
  });
  return need(context, campaign::find(*store.read(), draft.name));
}

void make_key(Context& context, const std::string& algorithm) {
  if (algorithm.empty()) return;
  DkimKeyWanted key{.domain = std::string(kDomain), .selector = "bench"};
  if (algorithm == "ed25519") key.algorithm = authentication::DkimAlgorithm::ed25519_sha256;
  (void)need(context, make_dkim_key(context, key));
}

/// What the database holds, in bytes; free pages and the log, which come and go, are not counted.
std::int64_t stored_bytes(store::Store& store) {
  const store::Lease db = store.read();
  const auto number = [&db](std::string_view sql) { return db->query_integer(sql).value_or(0); };
  if (db->engine() == store::Engine::postgres) return number("select pg_database_size(current_database())");
  return (number("pragma page_count") - number("pragma freelist_count")) * number("pragma page_size");
}

double status_milliseconds(store::Store& store, base::CampaignId id) {
  const auto start = Steady::now();
  const store::Lease db = store.read();
  (void)campaign::status_of(*db, *campaign::find(*db, id));
  return 1000 * seconds_since(start);
}

void start(Context& context, store::Store& store, const campaign::Campaign& campaign) {
  store.write_now([&](store::Connection& db) {
    if (auto started = campaign::start(db, campaign, base::SystemClock().now()); !started) {
      context.fail(started.error());
      throw Stop{};
    }
  });
}

/// The other node's, once it is being sent.
campaign::Campaign await_campaign(Context& context, store::Store& store) {
  const auto given_up = Steady::now() + kLongestImport;
  while (Steady::now() < given_up) {
    const auto found = campaign::find(*store.read(), kName);
    if (found && found->state != campaign::State::draft) return *found;
    std::this_thread::sleep_for(kLook);
  }
  context.fail({base::ErrorCode::not_found, "no other benchmark began to send on this database",
                "start one with the same store.url and without --join", ""});
  throw Stop{};
}

void send(Context& context, store::Store& store, const campaign::Campaign& campaign, const BenchDelivery& wanted,
          BenchFigures& figures) {
  const std::int64_t living = wanted.living();
  figures.resident_before = forget_peak();
  const std::int64_t stored = stored_bytes(store);
  const double cpu = cpu_seconds();
  const auto start = Steady::now();
  if (!wanted.join) app::start(context, store, campaign);
  figures.queue_bytes = stored_bytes(store) - stored;
  Sending sending(context, store);
  const auto look = [&](const campaign::Status& status) {
    const bool first = figures.first_seconds == 0 && status.delivered + status.failed > 0;
    if (first) figures.first_seconds = seconds_since(start);
    if (figures.living_seconds == 0 && status.delivered >= living) figures.living_seconds = seconds_since(start);
    figures.slowest_status_ms = std::max(figures.slowest_status_ms, status_milliseconds(store, campaign.id));
  };
  sending.run(campaign.id, look, kLook);
  figures.seconds = seconds_since(start);
  if (figures.living_seconds == 0) figures.living_seconds = figures.seconds;
  figures.cpu_seconds = cpu_seconds() - cpu;
  figures.resident_peak = memory("VmHWM");
}

}  // namespace

std::int64_t BenchDelivery::living() const {
  std::int64_t lost = 0;
  for (std::int64_t domain = 0; dead > 0 && domain < domains; ++domain) {
    if (is_dead(domain)) lost += count / domains + (domain < count % domains ? 1 : 0);
  }
  return count - lost;
}

BenchFigures bench_delivery(Context& context, const BenchDelivery& wanted) {
  BenchFigures figures;
  set_up(context, wanted);
  if (wanted.join && context.config().text("store.url").empty()) {
    context.fail({base::ErrorCode::invalid, "there is no database that another node could share",
                  "name it in store.url (TODOKU_STORE_URL)", "--join"},
                 2);
    throw Stop{};
  }
  const auto start = Steady::now();
  if (!wanted.join) import_readers(context, wanted);
  figures.import_seconds = seconds_since(start);
  store::Store& store = context.store();
  make_key(context, wanted.sign);
  const campaign::Campaign campaign =
      wanted.join ? await_campaign(context, store) : make_campaign(context, store, wanted.size, figures);
  send(context, store, campaign, wanted, figures);
  const campaign::Status status = campaign::status_of(*store.read(), *campaign::find(*store.read(), campaign.id));
  figures.delivered = status.delivered;
  figures.failed = status.failed;
  return figures;
}

}  // namespace todoku::app
