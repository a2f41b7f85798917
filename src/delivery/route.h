// Where the mail for one site goes: its mail exchangers in order, or a smart host for everything, or nowhere and why.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bounce/reason.h"
#include "delivery/session_policy.h"
#include "net/task.h"
#include "smtp/client_session.h"

namespace todoku::dns {
class Resolver;
}

namespace todoku::delivery {

class Transport;

struct Route {
  std::vector<smtp::Target> targets;  // to be tried in this order; empty: see `problem`
  std::string receiver;               // whose limits hold; empty: as the site and the first target tell

  std::map<std::string, SessionPolicy> policies;  // by host; for those of which nothing is reported, none

  /// Why there is nowhere to go.
  struct Problem {
    bounce::Reason reason = bounce::Reason::network_error;
    bool final = false;  // the domain does not exist or takes no mail, as against a name server that does not answer
    std::string text;
  };
  std::optional<Problem> problem;
};

class Router {
 public:
  virtual ~Router() = default;
  /// `site`: a domain in A-labels. Callable from any I/O thread.
  [[nodiscard]] virtual net::Task<Route> route(std::string site) = 0;
};

/// By the domain's MX records, else its addresses (RFC 5321 section 5.1), with the TLS that `transport` asks for; null:
/// what the session's options say.
[[nodiscard]] std::unique_ptr<Router> route_by_mx(dns::Resolver& resolver, std::uint16_t port,
                                                  const Transport* transport = nullptr);

/// Everything to one server, whose addresses are looked up each time.
[[nodiscard]] std::unique_ptr<Router> route_by_smart_host(dns::Resolver& resolver, std::string host,
                                                          std::uint16_t port);

}  // namespace todoku::delivery
