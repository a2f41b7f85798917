// Owners of OpenSSL's handles, for this module's sources.
#pragma once
#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace todoku::authentication {

template <auto free>
struct EvpFree {
  void operator()(auto* p) const { free(p); }
};
using Pkey = std::unique_ptr<EVP_PKEY, EvpFree<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, EvpFree<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, EvpFree<EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, EvpFree<BIO_free_all>>;

/// Where OpenSSL fails though nothing foreign is involved: memory is gone, or the library is broken.
inline void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("OpenSSL fails at ") + what);
}

inline unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace todoku::authentication
