#include "app/serve/web_role.h"

#include "app/command.h"
#include "app/serve/certificate.h"
#include "app/serve/listen_address.h"

namespace todoku::app {

using base::Result;

WebRole::WebRole(const Config& config, store::Store& store, Health& health, Meters& meters)
    : gate_(base::Secret(config.text("http.token"))),
      health_pages_(health, gate_, steady_),
      metrics_page_(meters, gate_, runtime_),
      unsubscribe_pages_(store, runtime_, clock_),
      status_check_pages_(store, runtime_, clock_,
                          {.per_client = static_cast<double>(config.integer("status_check.per_client")),
                           .per_key = static_cast<double>(config.integer("status_check.per_key"))}),
      download_pages_(store, runtime_, clock_, static_cast<double>(config.integer("downloads.per_client"))) {}

WebRole::~WebRole() { runtime_.close(base::Duration{0}); }

Result<std::unique_ptr<WebRole>> WebRole::make(Context& context, store::Store& store, Health& health, Meters& meters) {
  std::unique_ptr<WebRole> role(new WebRole(context.config(), store, health, meters));
  auto webhooks =
      WebhookWiring::make(context, store, role->runtime_, role->clock_, [&meters](auto road, auto state, auto kind) {
        meters.took_in(intake::to_string(road), intake::to_string(state), bounce::to_string(kind));
      });
  if (!webhooks) return std::move(webhooks).error();
  role->webhooks_ = *std::move(webhooks);
  return role;
}

http::Router WebRole::router() {
  http::Router router;
  health_pages_.add_to(router);
  metrics_page_.add_to(router);
  unsubscribe_pages_.add_to(router);
  status_check_pages_.add_to(router);
  download_pages_.add_to(router);
  webhooks_->pages().add_to(router);
  return router;
}

Result<std::unique_ptr<WebRole>> WebRole::start(Context& context, store::Store& store, Health& health, Meters& meters) {
  const Config& config = context.config();
  const auto at = parse_listen_address(config.text("http.listen"));
  if (!at) return at.error();
  auto tls = load_certificate(config, "http");
  if (!tls) return std::move(tls).error();
  auto made = make(context, store, health, meters);
  if (!made) return made;
  std::unique_ptr<WebRole> role = *std::move(made);
  http::ServerOptions options;
  options.observe = [&meters](const http::Exchange& exchange) { meters.exchanged(exchange); };
  options.trusted_proxies = config.texts("http.trusted_proxies");
  auto server = http::Server::start(role->runtime_, *at, role->router(), std::move(options), *std::move(tls));
  if (!server) return std::move(server).error();
  role->server_ = *std::move(server);
  return role;
}

Result<void> WebRole::renew(const Config& config) {
  gate_.set_token(base::Secret(config.text("http.token")));
  if (auto renewed = webhooks_->renew(config); !renewed) return renewed;
  auto tls = load_certificate(config, "http");
  if (!tls) return std::move(tls).error();
  if (*tls) server_->renew(*std::move(tls));
  return base::done;
}

}  // namespace todoku::app
