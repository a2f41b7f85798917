#include "cluster/redis_connection.h"

#include <sys/time.h>

#include "store/connection.h"

namespace todoku::cluster {
namespace {

timeval to_timeval(base::Duration limit) {
  return {.tv_sec = limit.count() / 1000, .tv_usec = (limit.count() % 1000) * 1000};
}

RedisReply taken_over(const redisReply& from) {
  RedisReply reply;
  reply.number = from.integer;
  reply.error = from.type == REDIS_REPLY_ERROR;
  if (from.str != nullptr) reply.text.assign(from.str, from.len);
  for (std::size_t i = 0; i < from.elements; ++i) reply.items.push_back(taken_over(*from.element[i]));
  return reply;
}

}  // namespace

RedisConnection::RedisConnection(const RedisPlace& place, base::Duration limit) : place_(place.text()) {
  context_.reset(redisConnectWithTimeout(place.host.c_str(), place.port, to_timeval(limit)));
  if (!context_) fail("out of memory");
  if (context_->err != 0) fail(context_->errstr);
  if (redisSetTimeout(context_.get(), to_timeval(limit)) != REDIS_OK) fail(context_->errstr);
  if (!place.password.empty()) {
    std::vector<std::string> words = {"AUTH"};
    if (!place.user.empty()) words.push_back(place.user);
    words.emplace_back(place.password.reveal());
    command(words);
  }
  if (place.database != 0) command({"SELECT", std::to_string(place.database)});
}

RedisReply RedisConnection::command(std::span<const std::string> words, std::string_view expected) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  texts.reserve(words.size());
  sizes.reserve(words.size());
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const auto count = static_cast<int>(words.size());
  const base::Owned<redisReply, freeReplyObject> raw(
      static_cast<redisReply*>(redisCommandArgv(context_.get(), count, texts.data(), sizes.data())));
  if (!raw) fail(context_->err != 0 ? context_->errstr : "no answer");
  RedisReply reply = taken_over(*raw);
  if (reply.error && (expected.empty() || !reply.text.starts_with(expected))) fail(reply.text);
  return reply;
}

void RedisConnection::fail(const std::string& cause) const {
  throw store::Failure(store::Failure::Kind::lost, place_ + ": " + cause);
}

}  // namespace todoku::cluster
