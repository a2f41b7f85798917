// Sends the reports on TLS that receiving domains ask for (TLS-RPT, RFC 8460): each day's once, some time after its
// end. Any number of processes may have it; each report is one's. Does nothing while tls_report.from is empty.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string_view>
#include <thread>

#include "app/config.h"
#include "app/tls_report_send.h"
#include "base/clock.h"
#include "store/store.h"

namespace todoku::app {

/// When the reports on the day before this one (since 1970, UTC) are sent: within `spread` of its beginning, at a
/// moment that depends on day and sender alone, so that the world's senders do not all report at midnight (RFC 8460
/// section 4.1 wants such a delay of up to four hours).
[[nodiscard]] base::Time reports_due(std::int64_t today, std::string_view sender, base::Duration spread);

class TlsReports {
 public:
  /// Begins at once. The store lives longer.
  [[nodiscard]] static std::unique_ptr<TlsReports> start(const Config& config, store::Store& store,
                                                         std::filesystem::path data);
  ~TlsReports();

  void stop();

 private:
  class Sending;
  TlsReports(const Config& config, store::Store& store, std::filesystem::path data)
      : config_(config), store_(store), data_(std::move(data)) {}

  void run(const std::stop_token& stop);
  void send_due(const std::stop_token& stop);
  bool send_some(const std::stop_token& stop, TlsReportSender& sender);

  const Config config_;
  store::Store& store_;
  const std::filesystem::path data_;
  base::SystemClock clock_;
  std::mutex mutex_;
  TlsReportSender* sender_ = nullptr;  // guarded by mutex_
  std::condition_variable_any waking_;
  std::jthread thread_;
};

}  // namespace todoku::app
