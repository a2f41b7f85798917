#include "app/serve/tls_reports.h"

#include <future>
#include <utility>
#include <vector>

#include "authentication/tls_result_store.h"
#include "base/log.h"

namespace todoku::app {
namespace {

using authentication::ReportEntry;
using authentication::ReportState;

constexpr base::Duration kLook = std::chrono::minutes(1);
constexpr base::Duration kTryAgain = std::chrono::hours(6);
constexpr std::int64_t kAtOnce = 100;
constexpr std::int64_t kDaysKept = 14;

/// FNV-1a: the same on every machine.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
  std::uint64_t hash = 14'695'981'039'346'656'037ULL ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
  return hash;
}

}  // namespace

/// While it lives stop() cancels the sender, which is destroyed only when that is done.
class TlsReports::Sending {
 public:
  Sending(TlsReports& reports, TlsReportSender& sender) : reports_(reports) { set(&sender); }
  ~Sending() { set(nullptr); }
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

 private:
  void set(TlsReportSender* sender) {
    const std::lock_guard lock(reports_.mutex_);
    reports_.sender_ = sender;
  }
  TlsReports& reports_;
};

base::Time reports_due(std::int64_t today, std::string_view sender, base::Duration spread) {
  const base::Time midnight = base::from_stored(today * authentication::kDayMs);
  if (spread.count() <= 0) return midnight;
  const std::uint64_t drawn = hash_of(sender, static_cast<std::uint64_t>(today));
  return midnight + base::Duration(static_cast<std::int64_t>(drawn % static_cast<std::uint64_t>(spread.count())));
}

std::unique_ptr<TlsReports> TlsReports::start(const Config& config, store::Store& store, std::filesystem::path data) {
  std::unique_ptr<TlsReports> reports(new TlsReports(config, store, std::move(data)));
  if (config.text("tls_report.from").empty()) return reports;
  TlsReports* self = reports.get();
  reports->thread_ = std::jthread([self](const std::stop_token& stop) { self->run(stop); });
  return reports;
}

TlsReports::~TlsReports() { stop(); }

void TlsReports::stop() {
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    if (sender_ != nullptr) sender_->cancel();  // a report under way is tried again by the next process
  }
  if (thread_.joinable()) thread_.join();
}

void TlsReports::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      send_due(stop);
    } catch (const store::Failure& failure) {
      base::log::warning("tls_reports_wait", {{"cause", failure.what()}});
    } catch (const std::future_error&) {
      return;  // a question was asked after stop() had cancelled the sender
    }
    std::unique_lock lock(mutex_);
    waking_.wait_for(lock, stop, kLook, [] { return false; });
  }
}

void TlsReports::send_due(const std::stop_token& stop) {
  const base::Time now = clock_.now();
  const std::int64_t today = authentication::day_of(now);
  if (now < reports_due(today, config_.text("tls_report.from"), config_.duration("tls_report.spread"))) return;
  if (authentication::due_tls_reports(*store_.read(), today, now - kTryAgain, 1).empty()) return;
  store_.write_now([&](store::Connection& db) { authentication::forget_tls_results(db, today - kDaysKept); });
  auto sender = TlsReportSender::make(config_, store_, data_);
  if (!sender) return base::log::error("tls_reports_not_sent", {{"cause", sender.error().text()}});
  const Sending sending(*this, **sender);
  while (!stop.stop_requested() && send_some(stop, **sender)) {
  }
}

/// Whether more may be due.
bool TlsReports::send_some(const std::stop_token& stop, TlsReportSender& sender) {
  const base::Time now = clock_.now();
  const auto due =
      authentication::due_tls_reports(*store_.read(), authentication::day_of(now), now - kTryAgain, kAtOnce);
  for (const ReportEntry& entry : due) {
    bool ours = false;
    store_.write_now([&](store::Connection& db) { ours = authentication::claim_tls_report(db, entry, now); });
    if (!ours) continue;
    const ReportEntry tried = sender.send(entry, now);
    if (stop.stop_requested()) return false;
    store_.write_now([&](store::Connection& db) { authentication::note_tls_report(db, tried); });
    if (tried.state == ReportState::unwanted) continue;
    base::log::info(
        "tls_report",
        {{"domain", tried.domain}, {"state", authentication::to_string(tried.state)}, {"detail", tried.detail}});
  }
  return !due.empty();
}

}  // namespace todoku::app
