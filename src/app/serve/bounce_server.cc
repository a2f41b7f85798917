#include "app/serve/bounce_server.h"

#include <algorithm>

#include "app/serve/certificate.h"
#include "app/serve/listen_address.h"
#include "app/serve/meters.h"
#include "app/serve/smtp_settings.h"

namespace todoku::app {
namespace {

base::Result<intake::OwnAddresses> own_addresses(const Config& config) {
  std::vector<std::string> domains = config.texts("intake.domains");
  if (const std::string& domain = config.text("identity.bounce_domain"); !domain.empty()) domains.push_back(domain);
  return intake::OwnAddresses::make(domains, config.texts("intake.addresses"));
}

}  // namespace

BounceServer::BounceServer(store::Store& store)
    : tokens_([this, &store] { return tracking::load_tokens(store, clock_.now()); }) {}

BounceServer::~BounceServer() { runtime_.close(base::Duration{0}); }

base::Result<std::unique_ptr<BounceServer>> BounceServer::start(const Config& config, store::Store& store,
                                                                intake::Taker& taker, Meters& meters) {
  if (config.text("intake.listen").empty()) return std::unique_ptr<BounceServer>();
  const auto at = parse_listen_address(config.text("intake.listen"));
  if (!at) return at.error();
  auto addresses = own_addresses(config);
  if (!addresses) return std::move(addresses).error();
  auto tls = load_certificate(config, "intake");
  if (!tls) return std::move(tls).error();
  smtp::ServerSettings settings = intake::guarded_settings();
  apply_settings(config, "intake", meters, settings);
  std::unique_ptr<BounceServer> self(new BounceServer(store));
  intake::BounceListenerOptions options;
  options.place = config.text("intake.listen");
  options.forged_per_minute = static_cast<double>(config.integer("intake.forged_per_minute"));
  options.observe = [&meters](intake::Recipient recipient, std::string_view result) {
    meters.bounce_recipient(intake::to_string(recipient), result);
  };
  self->listener_.emplace(*std::move(addresses), self->tokens_, taker, self->runtime_, self->clock_,
                          std::move(options));
  auto server = smtp::Server::start(self->runtime_, *at, *self->listener_, std::move(settings), *std::move(tls));
  if (!server) return std::move(server).error();
  self->server_ = *std::move(server);
  return self;
}

base::Result<void> BounceServer::renew(const Config& config) {
  auto tls = load_certificate(config, "intake");
  if (!tls) return std::move(tls).error();
  server_->renew(*std::move(tls));
  return base::done;
}

}  // namespace todoku::app
