#include "authentication/fast_rsa.h"

#include <cstdlib>

namespace todoku::authentication {
namespace {

#if defined(__x86_64__)
/// Zen's first generation halves AVX2's operations.
bool avx2_is_faster() {
  __builtin_cpu_init();
  return __builtin_cpu_is("amd") && __builtin_cpu_supports("avx2") && !__builtin_cpu_is("znver1");
}
#else
bool avx2_is_faster() { return false; }
#endif

}  // namespace

void prefer_fast_rsa() {
  constexpr const char* kWithoutAdx = ":~0x80000";                    // bit 19 of what CPUID's leaf 7 says in EBX
  if (avx2_is_faster()) ::setenv("OPENSSL_ia32cap", kWithoutAdx, 0);  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace todoku::authentication
