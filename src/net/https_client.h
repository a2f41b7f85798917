// Single questions over HTTPS, for policies, reports and notices: over libcurl, on a thread of its own that serves all
// of them.
//
// A guard against being sent to places inside (SSRF): it asks only the addresses that it is given, never DNS; refuses
// those that are not the internet's; follows no redirection; knows no proxy and no other protocol. The certificate is
// always verified. Time and size are limited.
#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/task.h"

namespace todoku::net {

struct HttpsPlace {
  std::string host;
  std::uint16_t port = 443;
  std::string path;    // with the query: "/.well-known/mta-sts.txt"
  bool plain = false;  // by HTTP: for this machine and private networks
};

/// Of "https://host:port/path". Nothing for another scheme, a user's name in it, and what is no URL.
[[nodiscard]] std::optional<HttpsPlace> parse_https_url(const std::string& url);

/// The same, of "http://…" too.
[[nodiscard]] std::optional<HttpsPlace> parse_web_url(const std::string& url);

struct HttpsQuestion {
  HttpsPlace place;
  std::vector<std::string> addresses;  // of the host, in numbers
  std::string content_type;            // with a body: POST; empty: GET
  std::string body;
  std::vector<std::string> fields = {};  // further header fields of a POST, "Name: value"
  std::size_t most_bytes = 64UL * 1024;  // of the answer
  base::Duration limit{20'000};
};

struct HttpsAnswer {
  long status = 0;
  std::string content_type;
  std::string body;
};

struct HttpsOptions {
  std::string authorities_file = {};  // PEM; empty: the system's
  bool allow_private = false;         // addresses that are not the internet's: for laboratories
  std::size_t most_at_once = 32;      // further ones wait
};

class HttpsClient {
 public:
  /// Its thread starts with the first question.
  explicit HttpsClient(HttpsOptions options);
  ~HttpsClient();  // what is under way ends as unavailable

  /// Errors: unavailable (no connection, no answer in time), refused (the certificate, or an address that is not
  /// public), limit (the answer is too large). Any status is an answer.
  [[nodiscard]] Task<base::Result<HttpsAnswer>> ask(HttpsQuestion question);

 private:
  class Impl;
  HttpsOptions options_;
  std::once_flag started_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace todoku::net
