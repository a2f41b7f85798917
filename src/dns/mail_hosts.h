// The order in which a domain's mail hosts are tried (RFC 5321 section 5.1). No I/O.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "dns/rdata.h"

namespace todoku::dns {

/// By preference, equals shuffled; a host named twice stands where it is preferred.
[[nodiscard]] std::vector<MxRecord> in_order(std::vector<MxRecord> records,
                                             const std::function<std::uint64_t()>& random);

/// One record alone that names the root (RFC 7505).
[[nodiscard]] bool is_null_mx(const std::vector<MxRecord>& records);

}  // namespace todoku::dns
