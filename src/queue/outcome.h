// What became of one attempt to deliver one recipient's mail; appended, never updated.
#pragma once
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/id.h"

namespace todoku::queue {

enum class Result : std::uint8_t {
  delivered,  // accepted by the receiving server: final
  deferred,   // to be tried again
  failed,     // final
  skipped,    // final: the contact may not be mailed (stopped, unsubscribed, no consent) when its turn came
  cancelled,  // final: the campaign was cancelled before its turn
};
[[nodiscard]] inline bool is_final(Result r) { return r != Result::deferred; }

struct Outcome {
  base::CampaignId campaign;
  base::ContactId contact;
  base::BatchId batch;  // the lease it was sent under; none for a mail outside of the queue
  Result result = Result::deferred;
  int attempt = 1;
  base::Time at;
  // Words of bounce::Reason; empty for a delivered mail. queue knows no diagnosis, so that it can be used without.
  std::string reason;
  std::string site;    // receiving site: the domain, or the provider that serves its MX
  std::string remote;  // host that answered, "mx.example.jp [192.0.2.1]"; empty where none did
  std::string stage;   // smtp::Stage
  std::string status;  // "5.1.1", or empty
  int reply_code = 0;  // 0: none
  std::string text;    // the reply or the local cause, at most 1,000 bytes
};

}  // namespace todoku::queue
