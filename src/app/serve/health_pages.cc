#include "app/serve/health_pages.h"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "http/response.h"

namespace todoku::app {

void HealthPages::add_to(http::Router& router) {
  router.add(http::Method::get, "/health", [this](http::Request& request) { return ready(request); });
  router.add(http::Method::get, "/health/live", [this](http::Request& request) { return live(request); });
}

net::Task<http::Response> HealthPages::ready(http::Request& request) {
  const auto troubles = health_.troubles();
  const bool alive = health_.alive(clock_.now());
  const bool ready = alive && troubles.empty();
  boost::json::object body = {{"live", alive}, {"ready", ready}};
  if (gate_.admits(request)) {
    boost::json::object reasons;
    for (const auto& [part, reason] : troubles) reasons[part] = reason;
    body["reasons"] = std::move(reasons);
    boost::json::object warnings;
    for (const auto& [part, warning] : health_.warnings()) warnings[part] = warning;
    if (!warnings.empty()) body["warnings"] = std::move(warnings);
  }
  co_return http::json_response(ready ? 200 : 503, body);
}

net::Task<http::Response> HealthPages::live(http::Request& /*request*/) {
  const bool alive = health_.alive(clock_.now());
  co_return http::json_response(alive ? 200 : 503, boost::json::object{{"live", alive}});
}

}  // namespace todoku::app
