// Store::open with the migrations given; for tests of migrations.
#pragma once
#include <memory>
#include <span>

#include "store/migration.h"
#include "store/store.h"

namespace todoku::store {

[[nodiscard]] base::Result<std::unique_ptr<Store>> open_store(const Options& options,
                                                              std::span<const Migration> migrations);

}  // namespace todoku::store
