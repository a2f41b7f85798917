// Owners of what C libraries give out, by the function that takes it back.
#pragma once
#include <memory>

namespace todoku::base {

template <auto free>
struct Free {
  void operator()(auto* p) const { free(p); }
};

template <class T, auto free>
using Owned = std::unique_ptr<T, Free<free>>;

}  // namespace todoku::base
