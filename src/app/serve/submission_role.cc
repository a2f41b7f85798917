#include "app/serve/submission_role.h"

#include "app/serve/certificate.h"
#include "app/serve/listen_address.h"
#include "app/serve/meters.h"
#include "app/serve/smtp_settings.h"

namespace todoku::app {
namespace {

base::Result<std::shared_ptr<net::TlsServerContext>> needed_certificate(const Config& config) {
  auto tls = load_certificate(config, "submission");
  if (tls && *tls == nullptr) {
    return base::Error{base::ErrorCode::invalid, "submission needs TLS, for keys are sent over it",
                       "set submission.tls_certificate and submission.tls_key", ""};
  }
  return tls;
}

}  // namespace

SubmissionRole::SubmissionRole(const Config& config, store::Store& store, Meters& meters)
    : listener_(store, runtime_, clock_,
                {.bounce_domain = config.text("identity.bounce_domain"),
                 .observe = [&meters](std::string_view result) { meters.submitted(result); }}) {}

SubmissionRole::~SubmissionRole() { runtime_.close(base::Duration{0}); }

base::Result<std::unique_ptr<SubmissionRole>> SubmissionRole::start(const Config& config, store::Store& store,
                                                                    Meters& meters) {
  const std::string& plain = config.text("submission.listen");
  const std::string& secure = config.text("submission.listen_tls");
  if (plain.empty() && secure.empty()) return std::unique_ptr<SubmissionRole>();
  auto tls = needed_certificate(config);
  if (!tls) return std::move(tls).error();
  std::unique_ptr<SubmissionRole> role(new SubmissionRole(config, store, meters));
  for (const std::string* address : {&plain, &secure}) {
    if (address->empty()) continue;
    auto listening = role->listen(config, *address, address == &secure, meters, *tls);
    if (!listening) return std::move(listening).error();
  }
  return role;
}

base::Result<void> SubmissionRole::listen(const Config& config, const std::string& address, bool tls_at_once,
                                          Meters& meters, const std::shared_ptr<net::TlsServerContext>& tls) {
  const auto at = parse_listen_address(address);
  if (!at) return at.error();
  smtp::ServerSettings settings = submission::submission_settings();
  apply_settings(config, "submission", meters, settings);
  settings.tls_at_once = tls_at_once;
  auto server = smtp::Server::start(runtime_, *at, listener_, std::move(settings), tls);
  if (!server) return std::move(server).error();
  servers_.push_back(*std::move(server));
  return base::done;
}

base::Result<void> SubmissionRole::renew(const Config& config) {
  auto tls = needed_certificate(config);
  if (!tls) return std::move(tls).error();
  for (const auto& server : servers_) server->renew(*tls);
  return base::done;
}

std::vector<net::Endpoint> SubmissionRole::at() const {
  std::vector<net::Endpoint> all;
  for (const auto& server : servers_) all.push_back(server->at());
  return all;
}

void SubmissionRole::drain() {
  for (const auto& server : servers_) server->drain();
}

}  // namespace todoku::app
