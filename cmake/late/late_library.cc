// The other half of the stubs that make_stubs.py writes: loads a library when the first of its functions is called, and
// finds the function. Safe from several threads: they load the same library twice at worst, which is counting.
#include <dlfcn.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" {

struct LateSymbol {
  const char* name;
  std::uint64_t library;
};
extern std::atomic<void*> todoku_late_slots[];
extern const LateSymbol todoku_late_symbols[];
extern const char* const todoku_late_libraries[];

/// The address of the function with that index. There is nobody to tell an error to: the caller wanted a function.
__attribute__((visibility("hidden"), used)) void* todoku_late_resolve(std::uint32_t index) {
  const LateSymbol& symbol = todoku_late_symbols[index];
  void* library = ::dlopen(todoku_late_libraries[symbol.library], RTLD_LAZY | RTLD_GLOBAL);
  void* function = library == nullptr ? nullptr : ::dlsym(library, symbol.name);
  if (function == nullptr) {
    std::fprintf(stderr, "todoku: %s (install the package that has it)\n", ::dlerror());
    std::_Exit(127);
  }
  todoku_late_slots[index].store(function, std::memory_order_release);
  return function;
}
}
