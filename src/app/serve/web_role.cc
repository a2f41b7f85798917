#include "app/serve/web_role.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <optional>

#include "app/command.h"
#include "app/serve/listen_address.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file || text.empty())
    return Error{ErrorCode::io, "cannot be read", "it must be a PEM file that we may read", path};
  return text;
}

/// Null: without TLS.
Result<std::shared_ptr<net::TlsServerContext>> certificate(const Config& config) {
  const std::string& chain_file = config.text("http.tls_certificate");
  const std::string& key_file = config.text("http.tls_key");
  if (chain_file.empty() && key_file.empty()) return std::shared_ptr<net::TlsServerContext>();
  auto chain = read_file(chain_file);
  if (!chain) return std::move(chain).error();
  auto key = read_file(key_file);
  if (!key) return std::move(key).error();
  auto context = net::TlsServerContext::create(*chain, base::Secret(*std::move(key)));
  if (!context) return std::move(context).error();
  return std::shared_ptr<net::TlsServerContext>(*std::move(context));
}

}  // namespace

WebRole::WebRole(const Config& config, store::Store& store, Health& health, Meters& meters)
    : gate_(base::Secret(config.text("http.token"))),
      health_pages_(health, gate_, clock_),
      metrics_page_(meters, gate_, runtime_),
      unsubscribe_pages_(store, runtime_, clock_) {}

WebRole::~WebRole() { runtime_.close(base::Duration{0}); }

Result<std::unique_ptr<WebRole>> WebRole::start(Context& context, store::Store& store, Health& health, Meters& meters) {
  const Config& config = context.config();
  const auto at = parse_listen_address(config.text("http.listen"));
  if (!at) return at.error();
  auto tls = certificate(config);
  if (!tls) return std::move(tls).error();
  std::unique_ptr<WebRole> role(new WebRole(config, store, health, meters));
  auto webhooks =
      WebhookWiring::make(context, store, role->runtime_, role->clock_, [&meters](auto road, auto state, auto kind) {
        meters.took_in(intake::to_string(road), intake::to_string(state), bounce::to_string(kind));
      });
  if (!webhooks) return std::move(webhooks).error();
  role->webhooks_ = *std::move(webhooks);
  http::Router router;
  role->health_pages_.add_to(router);
  role->metrics_page_.add_to(router);
  role->unsubscribe_pages_.add_to(router);
  role->webhooks_->pages().add_to(router);
  http::ServerOptions options;
  options.observe = [&meters](const http::Exchange& exchange) { meters.exchanged(exchange); };
  options.trusted_proxies = config.texts("http.trusted_proxies");
  auto server = http::Server::start(role->runtime_, *at, std::move(router), std::move(options), *std::move(tls));
  if (!server) return std::move(server).error();
  role->server_ = *std::move(server);
  return role;
}

Result<void> WebRole::renew(const Config& config) {
  gate_.set_token(base::Secret(config.text("http.token")));
  if (auto renewed = webhooks_->renew(config); !renewed) return renewed;
  auto tls = certificate(config);
  if (!tls) return std::move(tls).error();
  if (*tls) server_->renew(*std::move(tls));
  return base::done;
}

}  // namespace todoku::app
