// /u/TOKEN, the URL in List-Unsubscribe and in the mails' footer.
//
// GET shows a page with one button and never changes anything: scanners and previews follow links. POST unsubscribes,
// whether it comes from that button or from a mail program by RFC 8058; so it answers 200 itself, without redirecting,
// cookies or scripts. Japanese or English by Accept-Language.
#pragma once
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "audience/unsubscription.h"
#include "base/clock.h"
#include "http/router.h"
#include "net/runtime.h"
#include "store/store.h"
#include "tracking/token.h"

namespace todoku::app {

class UnsubscribePages {
 public:
  /// All live longer.
  UnsubscribePages(store::Store& store, net::Runtime& runtime, const base::Clock& clock);
  /// This lives as long as the router.
  void add_to(http::Router& router);

 private:
  net::Task<http::Response> show(http::Request& request);
  net::Task<http::Response> unsubscribe(http::Request& request);
  [[nodiscard]] std::optional<tracking::MailId> mail_of(const http::Request& request);
  [[nodiscard]] std::shared_ptr<const tracking::Tokens> tokens(bool anew);
  void refuse(const audience::Refusal& refusal);

  store::Store& store_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const tracking::Tokens> tokens_;  // guarded by mutex_; shared with those who verify just now
  std::chrono::steady_clock::time_point loaded_;    // likewise
};

/// Whether a POST's body is that of RFC 8058, as a form or in parts.
[[nodiscard]] bool is_one_click(std::string_view body);

/// "reader@example.jp" → "r•••••@example.jp": who has the link need not learn the address.
[[nodiscard]] std::string masked(std::string_view address);

}  // namespace todoku::app
