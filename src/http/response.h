// Making responses, and the bytes that they become.
#pragma once
#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace todoku::http {

[[nodiscard]] Response text_response(int status, std::string_view type, std::string body);
[[nodiscard]] Response json_response(int status, const boost::json::value& value);

/// An HTML page that may load nothing and run nothing; a form of it may be sent to where the page came from.
[[nodiscard]] Response page_response(int status, std::string html);

/// {"error": {"code": …, "message": …, "hint": …}}; every error of the server has this form.
struct Problem {
  int status = 400;
  std::string_view code;
  std::string_view message;
  std::string_view hint = {};
};
[[nodiscard]] Response error_response(const Problem& problem);
/// The same of an expected failure, with the status that its code stands for.
[[nodiscard]] Response error_response(const base::Error& error);

struct HeadOptions {
  base::Time now;
  bool keep_alive = true;
  bool secure = false;
};
/// Status line and fields up to the empty line. What a response does not say itself is added: Content-Length, Date,
/// nothing may be cached, framed, sniffed, loaded or referred to.
[[nodiscard]] std::string head_of(const Response& response, const HeadOptions& options);

/// "Tue, 24 Nov 2026 15:00:00 GMT"
[[nodiscard]] std::string http_date(base::Time time);

/// A request's body as JSON: at most 32 levels deep. Errors: `invalid`, where it is none.
[[nodiscard]] base::Result<boost::json::value> parse_json(std::string_view body);

}  // namespace todoku::http
