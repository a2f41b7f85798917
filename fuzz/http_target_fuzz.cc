// Targets, forms, routes and language tags: what is decoded can be written and read again, and a route's names are the
// path's segments.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/language.h"
#include "http/router.h"
#include "http/uri.h"

namespace {

using namespace todoku::http;

Router example() {
  Router router;
  for (const char* pattern : {"/", "/u/{token}", "/u/x", "/{a}/{b}/c"}) router.add(Method::get, pattern, {});
  return router;
}

void check_target(std::string_view text) {
  auto target = parse_target(text);
  if (!target) return;
  std::string written;
  for (const std::string& segment : target->path) written += "/" + percent_encode(segment);
  if (target->path.empty()) written = "/";
  const auto again = parse_target(written);
  if (!again || again->path != target->path) std::abort();
  static const Router router = example();
  Request request;
  request.path = target->path;
  const auto match = router.match(request);
  if (match.route != nullptr && match.route->segments.size() != request.path.size()) std::abort();
  for (const auto& [name, value] : request.route.all()) {
    if (value.empty()) std::abort();
  }
}

void check_form(std::string_view text) {
  const auto form = parse_form(text);
  if (!form) return;
  std::string written;
  for (const auto& [name, value] : form->all()) written += "&" + percent_encode(name) + "=" + percent_encode(value);
  const auto again = parse_form(written);
  if (!again) std::abort();
  auto other = again->all().begin();
  for (const auto& pair : form->all()) {
    if (pair.first.empty() && pair.second.empty()) continue;
    while (other->first.empty() && other->second.empty()) ++other;
    if (*other++ != pair) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kOurs[] = {"ja", "en"};
  check_target(text);
  check_form(text);
  const std::string_view language = preferred_language(text, kOurs);
  if (language != "ja" && language != "en") std::abort();
  return 0;
}
