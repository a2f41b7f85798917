// DKIM key records for whoever verifies on a worker thread: asked of the configured name servers, one after the other.
//
// Mail from anywhere makes us ask, so there are only so many questions a minute and none is long; what is beyond that
// is unavailable. Thread-safe. Nothing is started before the first question.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "authentication/dkim_verifier.h"
#include "dns/resolver.h"
#include "net/rate_table.h"
#include "net/runtime.h"

namespace todoku::app {

class DkimQuestions {
 public:
  explicit DkimQuestions(dns::ResolverOptions options);
  ~DkimQuestions();

  [[nodiscard]] authentication::DkimKeyAnswer ask(const std::string& name);

 private:
  bool begin();

  const dns::ResolverOptions options_;
  std::mutex mutex_;
  net::RateTable questions_;  // guarded by mutex_, as all below
  std::unique_ptr<net::Runtime> runtime_;
  std::unique_ptr<dns::Resolver> resolver_;  // of runtime_
};

}  // namespace todoku::app
