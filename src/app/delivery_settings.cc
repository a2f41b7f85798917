#include "app/delivery_settings.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

/// Unique for each process and start, as leases want it.
std::string owner_name() { return fmt::format("{}:{}:{:08x}", host_name(), ::getpid(), std::random_device{}()); }

Result<smtp::TlsMode> tls_mode(const Config& config, std::string_view key) {
  const std::string& word = config.text(key);
  if (word == "off") return smtp::TlsMode::off;
  if (word == "opportunistic") return smtp::TlsMode::opportunistic;
  if (word == "required") return smtp::TlsMode::required;
  if (word == "verify" && key == "smtp.tls") return smtp::TlsMode::required;  // the route knows what of
  return Error{ErrorCode::invalid, fmt::format("'{}' cannot be '{}'", key, word),
               "it takes off, opportunistic or required", ""};
}

/// "127.0.0.1:5353" as the resolver takes it.
std::vector<std::string> name_servers(std::vector<std::string> servers) {
  for (std::string& server : servers) {
    const std::size_t colon = server.find(':');
    if (colon != std::string::npos && server.find(':', colon + 1) == std::string::npos) server[colon] = '@';
  }
  return servers;
}

smtp::SessionLimits limits_of(const Config& config) {
  smtp::SessionLimits limits;
  limits.connect = config.duration("smtp.timeout_connect");
  limits.greeting = config.duration("smtp.timeout_greeting");
  limits.command = config.duration("smtp.timeout_command");
  limits.end_of_data = config.duration("smtp.timeout_data");
  limits.mail = config.duration("smtp.timeout_session");
  limits.opening = std::min(limits.opening, limits.mail);
  limits.data = std::min(limits.data, limits.command);
  limits.block = std::min(limits.block, limits.end_of_data);
  return limits;
}

queue::RetrySchedule schedule_of(const Config& config) {
  queue::RetrySchedule schedule;
  schedule.first = config.duration("delivery.retry_first");
  schedule.longest = config.duration("delivery.retry_longest");
  schedule.expiry = config.duration("delivery.expire");
  for (auto& [reason, first] : schedule.first_by_reason) first = std::min(first, schedule.longest);
  if (schedule.first < queue::RetrySchedule().first) schedule.first_by_reason.clear();  // somebody is in a hurry
  return schedule;
}

constexpr std::int64_t kSubmissionsPort = 465;
constexpr base::Duration kShortestLease{1'000};  // what a busy database takes to renew one

bool by_smart_host(const Config& config) { return !config.text("smarthost.host").empty(); }

Result<smtp::ClientOptions> client_options(const Config& config) {
  smtp::ClientOptions client;
  client.helo = own_hostname(config);
  client.chunking = config.boolean("delivery.chunking");
  const auto mode = tls_mode(config, by_smart_host(config) ? "smarthost.tls" : "smtp.tls");
  if (!mode) return mode.error();
  client.tls = *mode;
  if (by_smart_host(config)) {
    // Port 465 is for TLS from the first byte (RFC 8314); nobody there says a word before.
    if (config.integer("smarthost.port") == kSubmissionsPort && client.tls != smtp::TlsMode::off) {
      client.tls = smtp::TlsMode::immediate;
    }
    client.credentials = {config.text("smarthost.user"), base::Secret(config.text("smarthost.password"))};
  }
  return client;
}

}  // namespace

dns::ResolverOptions resolver_options(const Config& config) {
  dns::ResolverOptions options;
  const std::vector<std::string> stub = config.texts("dns.stub");
  options.servers = name_servers(stub.empty() ? config.texts("dns.servers") : stub);
  options.limit = config.duration("dns.timeout");
  options.trust_anchor_file = config.text("dns.trust_anchor");
  return options;
}

Result<std::unique_ptr<net::TlsClientContext>> tls_context(const Config& config) {
  net::TlsClientOptions options;
  if (by_smart_host(config)) {
    const bool verified = config.text("smarthost.tls") == "required";
    options.verify = verified ? net::TlsVerify::name : net::TlsVerify::none;
    options.authorities_file = config.text("smarthost.ca_file");
  } else {
    options.authorities_file = config.text("smtp.ca_file");
  }
  return net::TlsClientContext::create(options);
}

Result<delivery::Options> delivery_options(const Config& config, net::TlsClientContext& tls) {
  delivery::Options options;
  options.owner = owner_name();
  auto client = client_options(config);
  if (!client) return std::move(client).error();
  options.session.client = *std::move(client);
  options.session.tls = &tls;
  options.session.limits = limits_of(config);
  options.session.source_address = config.text("smtp.source_address");
  options.connections = static_cast<int>(config.integer("delivery.connections"));
  auto allowed = allowances(config);
  if (!allowed) return std::move(allowed).error();
  options.allowances = *std::move(allowed);
  options.sources = config.sources();
  options.retry = schedule_of(config);
  options.lease = std::max(config.duration("delivery.lease"), kShortestLease);
  return options;
}

Result<delivery::Allowances> allowances(const Config& config) {
  constexpr std::pair<const char*, const char*> kForAll[] = {{"connections", "delivery.connections_per_site"},
                                                             {"mails_per_connection", "delivery.mails_per_connection"}};
  std::vector<delivery::LimitSetting> settings;
  for (const auto& [limit, key] : kForAll) settings.push_back({"default", limit, config.text(key), key});
  settings.insert(settings.end(), config.limits().begin(), config.limits().end());
  return delivery::Allowances::make(provider::Providers::built_in(), std::move(settings));
}

std::string own_hostname(const Config& config) {
  return config.text("smtp.helo").empty() ? host_name() : config.text("smtp.helo");
}

audience::StopLimits stop_limits(const Config& config) {
  audience::StopLimits limits;
  limits.hard = config.integer("stop.hard_limit");
  limits.mailbox = config.integer("stop.soft_limit");
  return limits;
}

}  // namespace todoku::app
