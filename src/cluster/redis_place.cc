#include "cluster/redis_place.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace todoku::cluster {
namespace {

constexpr std::string_view kScheme = "redis://";

base::Error wrong(std::string message, std::string hint = "redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]") {
  return {base::ErrorCode::invalid, std::move(message), std::move(hint), "cluster.redis"};
}

template <class Number>
std::optional<Number> number(std::string_view text) {
  Number value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

/// "%40" → "@": a password may hold what separates the parts of a URL.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

bool take_login(RedisPlace& place, std::string_view login) {
  const std::size_t colon = login.find(':');
  if (colon == std::string_view::npos) return false;
  const auto user = decoded(login.substr(0, colon));
  auto password = decoded(login.substr(colon + 1));
  if (!user || !password) return false;
  place.user = *user;
  place.password = base::Secret(*std::move(password));
  return true;
}

/// "host", "host:port", "[::1]:port".
bool take_host(RedisPlace& place, std::string_view text) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos) return false;
  place.host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  std::string_view rest = end == std::string_view::npos ? "" : text.substr(bracketed ? end + 1 : end);
  if (place.host.empty()) return false;
  if (rest.empty()) return true;
  const auto port = number<std::uint16_t>(rest.substr(1));
  if (rest.front() != ':' || !port || *port == 0) return false;
  place.port = *port;
  return true;
}

}  // namespace

std::string RedisPlace::text() const { return fmt::format("{}{}:{}/{}", kScheme, host, port, database); }

base::Result<RedisPlace> parse_redis_url(std::string_view url) {
  if (url.starts_with("rediss://")) {
    return wrong("Redis over TLS is not spoken",
                 "Debian 12's hiredis has no TLS: keep Redis in a private network, or reach it through a tunnel "
                 "(stunnel, WireGuard) and name the tunnel's end here");
  }
  if (!url.starts_with(kScheme)) return wrong("a Redis URL begins with redis://");
  url.remove_prefix(kScheme.size());
  RedisPlace place;
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
    if (!take_login(place, url.substr(0, at))) return wrong("what stands before the @ is not USER:PASSWORD");
    url.remove_prefix(at + 1);
  }
  if (const std::size_t slash = url.find('/'); slash != std::string_view::npos) {
    const std::string_view name = url.substr(slash + 1);
    const auto database = name.empty() ? std::optional(0) : number<int>(name);
    if (!database) return wrong("a Redis database is a number");
    place.database = *database;
    url = url.substr(0, slash);
  }
  if (!take_host(place, url)) return wrong("the Redis URL names no host, or a port that is none");
  return place;
}

}  // namespace todoku::cluster
