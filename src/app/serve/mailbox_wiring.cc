#include "app/serve/mailbox_wiring.h"

#include "app/delivery_settings.h"
#include "app/transport_wiring.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr base::Duration kGrace{1'000};

}  // namespace

MailboxWiring::MailboxWiring(const Config& config) : https_(https_options(config)) {}

MailboxWiring::~MailboxWiring() { stop(); }

void MailboxWiring::stop() { runtime_.close(kGrace); }

Result<std::unique_ptr<MailboxWiring>> MailboxWiring::make(const Config& config, store::Store& store,
                                                           IntakeWiring& intake, Health& health) {
  std::unique_ptr<MailboxWiring> wiring(new MailboxWiring(config));
  auto resolver = dns::make_resolver(wiring->runtime_, resolver_options(config));
  if (!resolver) return std::move(resolver).error();
  wiring->resolver_ = *std::move(resolver);
  for (const intake::mailbox::Settings& settings : config.mailboxes()) {
    auto poller = intake::mailbox::Poller::make(
        settings,
        {.taker = intake.intake(),
         .rules = intake.rules(),
         .store = store,
         .runtime = wiring->runtime_,
         .resolver = *wiring->resolver_,
         .clock = wiring->clock_,
         .post = [&wiring = *wiring](net::HttpsPlace place,
                                     std::string form) { return wiring.post(std::move(place), std::move(form)); },
         .say = [&health](std::string_view mailbox,
                          std::string_view words) { health.say("mailbox " + std::string(mailbox), words); }});
    if (!poller) return std::move(poller).error();
    wiring->pollers_.push_back(*std::move(poller));
  }
  return wiring;
}

void MailboxWiring::begin() {
  for (const auto& poller : pollers_) poller->start();
}

net::Task<Result<net::HttpsAnswer>> MailboxWiring::post(net::HttpsPlace place, std::string form) {
  auto found = co_await resolver_->addresses(place.host);
  if (found.status != dns::Status::ok)
    co_return Error{ErrorCode::unavailable, std::string(dns::to_string(found.status)), "", place.host};
  net::HttpsQuestion question;
  question.place = std::move(place);
  question.addresses = std::move(found.records);
  question.content_type = "application/x-www-form-urlencoded";
  question.body = std::move(form);
  co_return co_await https_.ask(std::move(question));
}

}  // namespace todoku::app
