// A resolver whose every question is counted and timed.
#pragma once
#include <functional>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "dns/resolver.h"

namespace todoku::dns {

/// Type of question ("mx" with its hosts' addresses, "address", "txt", "tlsa", "ptr"), how it ended, how long it took.
/// On I/O threads, several at once.
using Observe = std::function<void(std::string_view type, Status status, base::Duration took)>;

[[nodiscard]] std::unique_ptr<Resolver> observed(std::unique_ptr<Resolver> resolver, Observe observe);

}  // namespace todoku::dns
