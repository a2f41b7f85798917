// gzip (RFC 1952) in memory, with a limit on what comes out.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace todoku::base {

[[nodiscard]] std::string gzip(std::string_view bytes);

/// Errors: `invalid` where it is no whole gzip stream, `limit` where more than `limit` bytes would come out: a small
/// stream may hold gigabytes.
[[nodiscard]] Result<std::string> gunzip(std::string_view compressed, std::size_t limit);

}  // namespace todoku::base
