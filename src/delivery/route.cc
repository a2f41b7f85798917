#include "delivery/route.h"

#include "delivery/allowance.h"
#include "delivery/transport.h"
#include "dns/resolver.h"

namespace todoku::delivery {
namespace {

using bounce::Reason;
using dns::Status;

Route::Problem problem_of(Status status, std::string text) {
  const bool final = !dns::temporary(status);
  const Reason reason = status == Status::null_mx ? Reason::no_mail_accepted
                        : final                   ? Reason::host_unknown
                                                  : Reason::network_error;
  return {.reason = reason, .final = final, .text = std::move(text)};
}

class MxRouter final : public Router {
 public:
  MxRouter(dns::Resolver& resolver, std::uint16_t port, const Transport* transport)
      : resolver_(resolver), port_(port), transport_(transport) {}

  net::Task<Route> route(std::string site) override {
    dns::MailHosts found = co_await resolver_.mail_hosts(site);
    Route route;
    if (found.status != Status::ok) {
      route.problem = problem_of(
          found.status, found.detail.empty() ? site + ": " + std::string(to_string(found.status)) : found.detail);
      co_return route;
    }
    if (transport_ != nullptr) co_return co_await transport_->route(std::move(site), std::move(found));
    for (const dns::MailHost& host : found.hosts) {
      for (const std::string& address : host.addresses) route.targets.push_back({host.name, address, port_});
    }
    co_return route;
  }

 private:
  dns::Resolver& resolver_;
  std::uint16_t port_;
  const Transport* transport_;
};

class SmartHostRouter final : public Router {
 public:
  SmartHostRouter(dns::Resolver& resolver, std::string host, std::uint16_t port)
      : resolver_(resolver), host_(std::move(host)), port_(port) {}

  net::Task<Route> route(std::string /*site*/) override {
    Route route;
    route.receiver = kSmartHost;
    if (is_address(host_)) {
      route.targets.push_back({host_, host_, port_});
      co_return route;
    }
    const dns::Records<std::string> found = co_await resolver_.addresses(host_);
    for (const std::string& address : found.records) route.targets.push_back({host_, address, port_});
    if (route.targets.empty()) {
      // Our own setting is at fault, or the network: never the recipients.
      route.problem = {.reason = Reason::network_error,
                       .final = false,
                       .text = "smart host " + host_ + ": " + std::string(to_string(found.status))};
    }
    co_return route;
  }

 private:
  static bool is_address(const std::string& host) {
    return host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
  }

  dns::Resolver& resolver_;
  std::string host_;
  std::uint16_t port_;
};

}  // namespace

std::unique_ptr<Router> route_by_mx(dns::Resolver& resolver, std::uint16_t port, const Transport* transport) {
  return std::make_unique<MxRouter>(resolver, port, transport);
}

std::unique_ptr<Router> route_by_smart_host(dns::Resolver& resolver, std::string host, std::uint16_t port) {
  return std::make_unique<SmartHostRouter>(resolver, std::move(host), port);
}

}  // namespace todoku::delivery
