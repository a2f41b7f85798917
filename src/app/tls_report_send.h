// Sends one TLS report to where its domain asks (RFC 8460 section 3): by mail, straight to the exchangers and signed,
// or by POST over HTTPS. TLS that fails does not keep a report back.
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "authentication/tls_report.h"
#include "authentication/tls_result_store.h"
#include "base/clock.h"
#include "base/result.h"

namespace todoku::store {
class Store;
}

namespace todoku::app {

class Config;

class TlsReportSender {
 public:
  /// By the settings, and the keys of the data folder; the store lives longer. Errors: a setting or key that is no
  /// good, tls_report.from missing.
  [[nodiscard]] static base::Result<std::unique_ptr<TlsReportSender>> make(const Config& config, store::Store& store,
                                                                           const std::filesystem::path& data);
  ~TlsReportSender();

  [[nodiscard]] authentication::TlsReport report_of(const authentication::ReportEntry& entry) const;

  /// Tries every place that the domain names; one that takes the report is enough. The entry as it is after that: sent,
  /// unwanted, waiting to be tried again, or failed for good two days after its day. Stores nothing.
  [[nodiscard]] authentication::ReportEntry send(authentication::ReportEntry entry, base::Time now);

  /// Ends what send() is waiting for; nothing can be sent any more. From any thread.
  void cancel();

 private:
  class Impl;
  explicit TlsReportSender(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace todoku::app
