#include "http/response.h"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <ctime>

namespace todoku::http {
namespace {

constexpr std::size_t kJsonDepth = 32;

struct Default {
  std::string_view name;
  std::string_view value;
};
constexpr Default kDefaults[] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

int status_of(base::ErrorCode code) {
  switch (code) {
    case base::ErrorCode::invalid:
      return 400;
    case base::ErrorCode::not_found:
      return 404;
    case base::ErrorCode::exists:
      return 409;
    case base::ErrorCode::limit:
      return 413;
    case base::ErrorCode::refused:
      return 403;
    case base::ErrorCode::unavailable:
      return 503;
    case base::ErrorCode::io:
      break;
  }
  return 500;
}

std::string_view word_of(base::ErrorCode code) {
  constexpr std::string_view kWords[] = {"invalid", "not_found", "exists", "limit", "refused", "unavailable", "io"};
  return kWords[static_cast<std::size_t>(code)];
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

Response text_response(int status, std::string_view type, std::string body) {
  Response response{.status = status, .fields = {}, .body = std::move(body)};
  response.fields.add("Content-Type", type);
  return response;
}

Response json_response(int status, const boost::json::value& value) {
  return text_response(status, "application/json", boost::json::serialize(value) + "\n");
}

Response page_response(int status, std::string html) {
  Response response = text_response(status, "text/html; charset=utf-8", std::move(html));
  response.fields.add("Content-Security-Policy",
                      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; "
                      "base-uri 'none'");
  return response;
}

Response error_response(const Problem& problem) {
  const boost::json::value body = {
      {"error", {{"code", problem.code}, {"message", problem.message}, {"hint", problem.hint}}}};
  return json_response(problem.status, body);
}

Response error_response(const base::Error& error) {
  const std::string message = error.where.empty() ? error.message : error.where + ": " + error.message;
  return error_response({status_of(error.code), word_of(error.code), message, error.hint});
}

std::string head_of(const Response& response, const HeadOptions& options) {
  std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status, reason_phrase(response.status),
                                 http_date(options.now));
  for (const auto& [name, value] : response.fields) {
    // A field's value never comes from a client unescaped; should one, it must not begin another field.
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) continue;
    fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
  }
  for (const Default& field : kDefaults) {
    if (response.fields.has(field.name)) continue;
    fmt::format_to(std::back_inserter(head), "{}: {}\r\n", field.name, field.value);
  }
  if (options.secure) head += "Strict-Transport-Security: max-age=31536000\r\n";
  if (has_body(response.status)) {
    fmt::format_to(std::back_inserter(head), "Content-Length: {}\r\n", response.body.size());
  }
  head += options.keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return head;
}

std::string http_date(base::Time time) {
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[parts.tm_wday], parts.tm_mday,
                     kMonths[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

base::Result<boost::json::value> parse_json(std::string_view body) {
  boost::json::parse_options options;
  options.max_depth = kJsonDepth;
  boost::json::error_code failed;
  boost::json::value value = boost::json::parse(body, failed, {}, options);
  if (failed) {
    return base::Error{base::ErrorCode::invalid, "the body is no JSON: " + failed.message(),
                       "send application/json in UTF-8", ""};
  }
  return value;
}

}  // namespace todoku::http
