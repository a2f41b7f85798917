#include "http/router.h"

#include <algorithm>
#include <cassert>

namespace todoku::http {
namespace {

bool is_name(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::vector<std::string> split(std::string_view pattern) {
  assert(pattern.starts_with('/') && "a pattern begins with /");
  std::vector<std::string> segments;
  if (pattern == "/") return segments;
  while (!pattern.empty()) {
    pattern.remove_prefix(1);
    const std::size_t end = std::min(pattern.find('/'), pattern.size());
    segments.emplace_back(pattern.substr(0, end));
    pattern.remove_prefix(end);
  }
  return segments;
}

bool fits(const Route& route, const Request& request) {
  return std::ranges::equal(route.segments, request.path, [](const std::string& own, const std::string& asked) {
    return own == asked || (is_name(own) && !asked.empty());
  });
}

bool outranks(const Route& one, const Route& other) {
  for (std::size_t i = 0; i < one.segments.size(); ++i) {
    if (is_name(one.segments[i]) != is_name(other.segments[i])) return !is_name(one.segments[i]);
  }
  return false;
}

}  // namespace

void Router::add(Method method, std::string_view pattern, Handler handler, std::size_t body_limit) {
  assert(std::ranges::none_of(routes_,
                              [&](const Route& route) { return route.method == method && route.pattern == pattern; }) &&
         "a route of this method and pattern exists");
  routes_.push_back({method, std::string(pattern), split(pattern), body_limit, std::move(handler)});
}

Router::Match Router::match(Request& request) const {
  const Method wanted = request.method == Method::head ? Method::get : request.method;
  Match match;
  for (const Route& route : routes_) {
    if (!fits(route, request)) continue;
    match.allowed.push_back(route.method);
    if (route.method == wanted && (match.route == nullptr || outranks(route, *match.route))) match.route = &route;
  }
  if (match.route != nullptr) {
    for (std::size_t i = 0; i < request.path.size(); ++i) {
      const std::string& segment = match.route->segments[i];
      if (is_name(segment)) request.route.add(segment.substr(1, segment.size() - 2), request.path[i]);
    }
  }
  return match;
}

}  // namespace todoku::http
