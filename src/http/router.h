// Which handler answers a request: by method and a pattern of its path.
//
// A pattern is a path whose segments are texts or {names}: "/campaigns/{id}/status". A text outranks a name at the
// first segment where two patterns differ. GET answers HEAD too. Made once, then read only: any thread may use it.
#pragma once
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "net/task.h"

namespace todoku::http {

/// Runs on an I/O thread and may wait (net::sleep, net::offload); blocking work is offloaded. What it throws becomes a
/// 500. What it refers to lives as long as the server; the request until it returns.
using Handler = std::function<net::Task<Response>(Request&)>;

struct Route {
  Method method = Method::get;
  std::string pattern;  // also the word for metrics and logs
  std::vector<std::string> segments;
  std::size_t body_limit = 0;
  Handler handler;
};

class Router {
 public:
  static constexpr std::size_t kBodyLimit = 64 * 1024;

  /// A second route of the same method and pattern is a programmer's mistake.
  void add(Method method, std::string_view pattern, Handler handler, std::size_t body_limit = kBodyLimit);

  struct Match {
    const Route* route = nullptr;      // null: none
    std::vector<Method> allowed = {};  // where only the method fits none
  };
  /// Fills request.route.
  [[nodiscard]] Match match(Request& request) const;

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace todoku::http
