// One blocking connection to Redis. Whatever fails, a refusal included, is a store::Failure and ends the connection.
#pragma once
#include <hiredis/hiredis.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/owned.h"
#include "cluster/redis_place.h"

namespace todoku::cluster {

/// Redis' answer, taken over from hiredis.
struct RedisReply {
  std::int64_t number = 0;
  std::string text;
  std::vector<RedisReply> items;
  bool error = false;  // then `text` says what is wrong
};

class RedisConnection {
 public:
  /// Connects, proves itself and chooses the database; each step and each command may take `limit`.
  RedisConnection(const RedisPlace& place, base::Duration limit);

  /// Throws what Redis says as well, but for an error that begins with `expected`.
  RedisReply command(std::span<const std::string> words, std::string_view expected = {});
  RedisReply command(std::initializer_list<std::string> words) {
    return command(std::span(words.begin(), words.size()));
  }

 private:
  [[noreturn]] void fail(const std::string& cause) const;

  std::string place_;
  base::Owned<redisContext, redisFree> context_;
};

}  // namespace todoku::cluster
