// /d/TOKEN/NUMBER: an attachment that a mail offers as a link (remedy/links.h).
//
// TOKEN proves that this reader was sent the mail; so no link can be guessed, or made out of another one, and files of
// other mails are out of reach. A file is always saved, never shown: the browser runs nothing of it. Whatever is wrong
// with a link gets the same page (404), except that a true one is told when its time is over (410).
//
// Limits: so many requests a minute of one client, counted before anything is looked at, and few at once of one link,
// since each holds a whole file in memory while it is sent.
#pragma once
#include <optional>
#include <string>

#include "base/clock.h"
#include "campaign/variant.h"
#include "http/router.h"
#include "net/rate_table.h"
#include "net/runtime.h"
#include "store/store.h"
#include "tracking/current_tokens.h"

namespace todoku::app {

class DownloadPages {
 public:
  /// All live longer. `per_client`: requests a minute; 0: no limit.
  DownloadPages(store::Store& store, net::Runtime& runtime, const base::Clock& clock, double per_client);
  /// This lives as long as the router.
  void add_to(http::Router& router);

 private:
  net::Task<http::Response> answer(http::Request& request);
  [[nodiscard]] http::Response look(const http::Request& request);
  [[nodiscard]] std::optional<tracking::MailId> mail_of(std::string_view token);

  store::Store& store_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  tracking::CurrentTokens tokens_;
  net::RateTable clients_;
  net::RateTable links_;
};

}  // namespace todoku::app
