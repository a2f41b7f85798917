// Which of OpenSSL's ways to calculate RSA signatures is used.
#pragma once

namespace todoku::authentication {

/// Has OpenSSL sign by AVX2 instead of MULX and ADX on AMD's processors, where that takes a third less time (measured:
/// docs/decisions.md); OpenSSL itself prefers the latter wherever there is any. By OpenSSL's own setting,
/// OPENSSL_ia32cap, which is left alone where it is set. Before OpenSSL is loaded, and before any thread.
void prefer_fast_rsa();

}  // namespace todoku::authentication
