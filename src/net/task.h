// The coroutine type of everything that waits for the network.
//
// A Task starts when it is awaited or given to Runtime::spawn, and runs on one I/O thread from then on: what a session
// owns needs no lock. Coroutines take values or things that outlive them; never write a capturing lambda coroutine.
#pragma once
#include <boost/asio/awaitable.hpp>

namespace todoku::net {

template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace todoku::net
