#include "app/transport_wiring.h"

#include <fmt/format.h>

#include <exception>

#include "base/ascii.h"
#include "base/log.h"
#include "mail/address.h"

namespace todoku::app {
namespace {

using authentication::TlsLevel;
using base::Error;
using base::ErrorCode;
using base::Result;

Result<TlsLevel> level_of(std::string_view word, std::string_view where) {
  if (const auto level = authentication::tls_level_of(word)) return *level;
  return Error{ErrorCode::invalid, fmt::format("'{}' cannot be '{}'", where, word),
               "it takes off, opportunistic, required or verify", ""};
}

/// "example.jp=verify", ".example.jp=off"
Result<std::pair<std::string, TlsLevel>> domain_level(std::string_view text) {
  constexpr const char* kKey = "smtp.tls_by_domain";
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return Error{ErrorCode::invalid, fmt::format("'{}' cannot be '{}'", kKey, text), "it takes DOMAIN=LEVEL", ""};
  }
  std::string_view name = base::trim(text.substr(0, equals));
  const bool below = name.starts_with('.');
  auto domain = mail::ascii_domain(name.substr(below ? 1 : 0));
  if (!domain) return std::move(domain).error();
  const auto level = level_of(base::trim(text.substr(equals + 1)), kKey);
  if (!level) return level.error();
  return std::pair((below ? "." : "") + *domain, *level);
}

Result<delivery::TransportOptions> transport_options(const Config& config) {
  delivery::TransportOptions options;
  options.port = static_cast<std::uint16_t>(config.integer("smtp.port"));
  const auto level = level_of(config.text("smtp.tls"), "smtp.tls");
  if (!level) return level.error();
  options.level = *level;
  for (const std::string& text : config.texts("smtp.tls_by_domain")) {
    auto entry = domain_level(text);
    if (!entry) return std::move(entry).error();
    options.by_domain.push_back(*std::move(entry));
  }
  return options;
}

}  // namespace

net::HttpsOptions https_options(const Config& config) {
  // A laboratory's own servers have private addresses.
  return {.authorities_file = config.text("smtp.ca_file"), .allow_private = !config.texts("dns.stub").empty()};
}

TransportWiring::TransportWiring(const Config& config, store::Store& store, const base::Clock& clock)
    : https_(https_options(config)), results_(store, clock, !config.text("tls_report.from").empty()) {}

Result<std::unique_ptr<TransportWiring>> TransportWiring::make(const Config& config, dns::Resolver& resolver,
                                                               store::Store& store, const base::Clock& clock) {
  auto options = transport_options(config);
  if (!options) return std::move(options).error();
  std::unique_ptr<TransportWiring> wiring(new TransportWiring(config, store, clock));
  if (config.boolean("smtp.mta_sts")) {
    wiring->policies_.emplace(delivery::StsPolicies::Parts{resolver, wiring->https_, store, clock});
  }
  wiring->transport_.emplace(resolver, wiring->policies_ ? &*wiring->policies_ : nullptr, &wiring->results_,
                             *std::move(options));
  return wiring;
}

TransportWiring::~TransportWiring() {
  try {
    results_.flush();
  } catch (const std::exception& problem) {
    base::log::error("tls_results_lost", {{"cause", problem.what()}});
  }
}

}  // namespace todoku::app
