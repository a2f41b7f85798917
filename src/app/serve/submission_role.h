// Takes mail from programs that sign in: one listener with STARTTLS, one with TLS from the first byte, or either.
#pragma once
#include <memory>
#include <vector>

#include "app/config.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/runtime.h"
#include "smtp/server.h"
#include "store/store.h"
#include "submission/submission_listener.h"

namespace todoku::app {

class Meters;

class SubmissionRole {
 public:
  /// Null where neither submission.listen nor submission.listen_tls is set. All live longer. Errors: an address that is
  /// taken or none, no certificate.
  [[nodiscard]] static base::Result<std::unique_ptr<SubmissionRole>> start(const Config& config, store::Store& store,
                                                                           Meters& meters);
  ~SubmissionRole();

  /// A new certificate; on an error the old one stays.
  [[nodiscard]] base::Result<void> renew(const Config& config);
  [[nodiscard]] std::vector<net::Endpoint> at() const;
  void drain();
  /// After drain(): waits for the mails under way.
  bool close(base::Duration grace) { return runtime_.close(grace); }

 private:
  SubmissionRole(const Config& config, store::Store& store, Meters& meters);
  base::Result<void> listen(const Config& config, const std::string& address, bool tls_at_once, Meters& meters,
                            const std::shared_ptr<net::TlsServerContext>& tls);

  base::SystemClock clock_;
  net::Runtime runtime_{{.threads = 2, .workers = 4}};
  submission::SubmissionListener listener_;
  std::vector<std::unique_ptr<smtp::Server>> servers_;
};

}  // namespace todoku::app
