// Where the cluster's Redis is: the setting cluster.redis, taken apart.
//
//   redis://HOST[:6379][/DATABASE]      redis://:PASSWORD@HOST      redis://USER:PASSWORD@HOST
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace todoku::cluster {

struct RedisPlace {
  std::string host;
  std::uint16_t port = 6379;
  std::string user;  // empty: Redis' own default user
  base::Secret password;
  int database = 0;

  /// "redis://host:6379/0": for logs and people, without user and password.
  [[nodiscard]] std::string text() const;
};

/// Errors name what is wrong and never quote the URL, in which a password may stand.
[[nodiscard]] base::Result<RedisPlace> parse_redis_url(std::string_view url);

}  // namespace todoku::cluster
