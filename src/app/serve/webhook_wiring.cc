#include "app/serve/webhook_wiring.h"

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/transport_wiring.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using intake::webhooks::Webhooks;

intake::webhooks::Settings settings_of(const Config& config) {
  return {.ses_topics = config.texts("webhooks.ses_topics"),
          .sendgrid_key = config.text("webhooks.sendgrid_key"),
          .mailgun_key = base::Secret(config.text("webhooks.mailgun_key")),
          .postmark_secret = base::Secret(config.text("webhooks.postmark_secret")),
          .sparkpost_secret = base::Secret(config.text("webhooks.sparkpost_secret")),
          .brevo_secret = base::Secret(config.text("webhooks.brevo_secret"))};
}

WebhookPages::Bury bury_in(intake::Intake& intake, const base::Clock& clock) {
  return [&intake, &clock](std::string_view relay, std::string_view content, std::string_view why) {
    intake.bury(intake::Road::webhook, relay, content, why, clock.now());
  };
}

}  // namespace

WebhookWiring::WebhookWiring(const Config& config, std::unique_ptr<IntakeWiring> intake, net::Runtime& runtime,
                             const base::Clock& clock)
    : intake_(std::move(intake)),
      runtime_(runtime),
      resolver_options_(resolver_options(config)),
      https_(https_options(config)),
      pages_(intake_->intake(), bury_in(intake_->intake(), clock), runtime, clock) {}

Result<std::unique_ptr<WebhookWiring>> WebhookWiring::make(Context& context, store::Store& store, net::Runtime& runtime,
                                                           const base::Clock& clock, IntakeWiring::Observe observe) {
  auto intake = IntakeWiring::make(context, store, std::move(observe));
  if (!intake) return std::move(intake).error();
  std::unique_ptr<WebhookWiring> wiring(new WebhookWiring(context.config(), *std::move(intake), runtime, clock));
  if (auto set = wiring->renew(context.config()); !set) return std::move(set).error();
  return wiring;
}

Result<void> WebhookWiring::renew(const Config& config) {
  auto webhooks = Webhooks::make(settings_of(config), intake_->rules(),
                                 [this](net::HttpsPlace place) { return get(std::move(place)); });
  if (!webhooks) return std::move(webhooks).error();
  pages_.set(*std::move(webhooks));
  return base::done;
}

Result<dns::Resolver*> WebhookWiring::resolver() {
  const std::lock_guard lock(mutex_);
  if (!resolver_) {
    auto made = dns::make_resolver(runtime_, resolver_options_);
    if (!made) return std::move(made).error();
    resolver_ = *std::move(made);
  }
  return resolver_.get();
}

net::Task<Result<net::HttpsAnswer>> WebhookWiring::get(net::HttpsPlace place) {
  const auto resolver = this->resolver();
  if (!resolver) co_return resolver.error();
  auto found = co_await (*resolver)->addresses(place.host);
  if (found.status != dns::Status::ok) {
    co_return Error{ErrorCode::unavailable, std::string(dns::to_string(found.status)), "", place.host};
  }
  net::HttpsQuestion question;
  question.place = std::move(place);
  question.addresses = std::move(found.records);
  co_return co_await https_.ask(std::move(question));
}

}  // namespace todoku::app
