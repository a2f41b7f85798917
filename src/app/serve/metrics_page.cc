#include "app/serve/metrics_page.h"

#include "http/response.h"

namespace todoku::app {

void MetricsPage::add_to(http::Router& router) {
  router.add(http::Method::get, "/metrics", [this](http::Request& request) { return answer(request); });
}

net::Task<http::Response> MetricsPage::answer(http::Request& request) {
  if (!gate_.admits(request)) {
    co_return http::error_response({403, "refused", "metrics are for this machine and for who has the token",
                                    "send http.token as 'Authorization: Bearer …'"});
  }
  std::string text = co_await net::offload(runtime_, [this] { return meters_.registry().text(); });
  co_return http::text_response(200, "text/plain; version=0.0.4; charset=utf-8", std::move(text));
}

}  // namespace todoku::app
