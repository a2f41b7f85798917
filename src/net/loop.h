// The event loop of a Runtime's thread, for what builds on Asio itself (net's sources, dns, http).
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <cstddef>

namespace todoku::net {

class Runtime;

[[nodiscard]] boost::asio::any_io_executor executor_of(Runtime& runtime, std::size_t thread);

}  // namespace todoku::net
