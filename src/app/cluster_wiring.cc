#include "app/cluster_wiring.h"

#include "app/command.h"
#include "cluster/redis_ledger.h"
#include "cluster/store_ledger.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using Made = base::Result<std::unique_ptr<cluster::Ledger>>;

Made in_redis(const std::string& url, const std::string& node) {
  auto place = cluster::parse_redis_url(url);
  if (!place) return std::move(place).error();
  std::unique_ptr<cluster::Ledger> ledger =
      std::make_unique<cluster::RedisLedger>(cluster::RedisLedgerOptions{.place = *std::move(place), .node = node});
  return ledger;
}

Made in_store(Context& context, const std::string& node) {
  store::Options options;
  options.url = context.config().text("store.url");
  options.folder = context.data;
  options.readers = 1;
  auto own = store::Store::open(options);
  if (!own) return std::move(own).error();
  std::unique_ptr<cluster::Ledger> ledger =
      std::make_unique<cluster::StoreLedger>(*std::move(own), cluster::StoreLedgerOptions{.node = node});
  return ledger;
}

}  // namespace

Made make_ledger(Context& context, const std::string& node) {
  const std::string& redis = context.config().text("cluster.redis");
  if (!redis.empty()) return in_redis(redis, node);
  if (!context.config().text("store.url").empty()) return in_store(context, node);
  return std::unique_ptr<cluster::Ledger>();
}

}  // namespace todoku::app
