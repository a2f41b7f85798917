// The ledger in the database that all nodes share.
//
// Exchanges take turns under one row's lock, so that each sees what the others hold; all lines of an exchange cost the
// same few statements. It has a store of its own: a writer that waits for its turn must not keep outcomes waiting.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "cluster/ledger.h"
#include "store/store.h"

namespace todoku::cluster {

struct StoreLedgerOptions {
  std::string node;  // a name of its own for each process and start
  base::Duration lease{15'000};
};

class StoreLedger final : public Ledger {
 public:
  StoreLedger(std::unique_ptr<store::Store> store, StoreLedgerOptions options);
  ~StoreLedger() override;

  [[nodiscard]] Reply exchange(const Request& request) override;
  void leave(base::Time now) override;
  [[nodiscard]] base::Duration lease() const override { return options_.lease; }
  [[nodiscard]] Picture look(const std::string& receiver, base::Time now) override;

 private:
  void come_alive(store::Connection& db, base::Time now) const;
  void share(store::Connection& db, const Request& request, Reply& reply) const;
  void take_lots(store::Connection& db, const Request& request, Reply& reply) const;
  void tell_rests(store::Connection& db, const Request& request, Reply& reply) const;

  std::unique_ptr<store::Store> store_;
  StoreLedgerOptions options_;
};

}  // namespace todoku::cluster
