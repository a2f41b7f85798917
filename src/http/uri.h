// Request targets and forms, decoded strictly (RFC 3986; WHATWG's application/x-www-form-urlencoded).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace todoku::http {

/// "%41" → "A". Nothing where an escape is broken, or for a NUL, escaped or not.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// Everything but unreserved characters escaped.
[[nodiscard]] std::string percent_encode(std::string_view text);

struct Target {
  std::vector<std::string> path;
  Parameters query;
};

/// "/a/b?x=1", or the same behind "http://host" as proxies write it. Segments are split before they are decoded, so an
/// escaped slash is part of its segment. Errors: `invalid` for a broken escape, a dot segment, an unknown form.
[[nodiscard]] base::Result<Target> parse_target(std::string_view target);

/// A form or a query: "a=1&b=x+y". Errors: `invalid` for a broken escape, `limit` past 100 pairs.
[[nodiscard]] base::Result<Parameters> parse_form(std::string_view text);

}  // namespace todoku::http
