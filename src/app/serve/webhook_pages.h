// POST /webhooks/{relay}: what relays report of the mails that they sent for us.
//
// 200 is answered once everything in the post is stored, so that a relay repeats whatever may have been lost: 401 and
// 403 for who cannot prove to be the relay, 400 for what cannot be read (kept as dead), 503 while the database is away.
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "base/clock.h"
#include "http/router.h"
#include "intake/arrival.h"
#include "intake/webhooks/webhooks.h"
#include "net/runtime.h"

namespace todoku::app {

class WebhookPages {
 public:
  /// Keeps what could not be read of a proved post. Blocking; throws as Taker::take.
  using Bury = std::function<void(std::string_view relay, std::string_view content, std::string_view why)>;

  /// All live longer.
  WebhookPages(intake::Taker& taker, Bury bury, net::Runtime& runtime, const base::Clock& clock)
      : taker_(taker), bury_(std::move(bury)), runtime_(runtime), clock_(clock) {}

  /// By other settings from now on.
  void set(std::shared_ptr<intake::webhooks::Webhooks> webhooks);
  /// This lives as long as the router.
  void add_to(http::Router& router);

 private:
  net::Task<http::Response> receive(http::Request& request);
  [[nodiscard]] http::Response store(intake::webhooks::Webhooks& webhooks, std::string_view relay,
                                     std::string_view payload);

  intake::Taker& taker_;
  Bury bury_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<intake::webhooks::Webhooks> webhooks_;  // guarded by mutex_; shared with the posts under way
};

}  // namespace todoku::app
