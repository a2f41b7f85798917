// GMime's objects as values that let themselves go. For the sources of this module only.
#pragma once
#include <gmime/gmime.h>

#include <memory>

namespace todoku::mail {

struct GObjectRelease {
  template <class T>
  void operator()(T* object) const {
    g_object_unref(object);
  }
};
template <class T>
using GObjectPtr = std::unique_ptr<T, GObjectRelease>;

/// Before any other call of GMime; thread-safe, as often as one likes.
inline void start_gmime() {
  static const bool started = (g_mime_init(), true);
  static_cast<void>(started);
}

}  // namespace todoku::mail
