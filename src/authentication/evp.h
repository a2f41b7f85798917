// Owners of OpenSSL's handles, for this module's sources.
#pragma once
#include <openssl/evp.h>

#include <stdexcept>
#include <string>

#include "base/owned.h"

namespace todoku::authentication {

using Pkey = base::Owned<EVP_PKEY, EVP_PKEY_free>;
using PkeyContext = base::Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using DigestContext = base::Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using Bio = base::Owned<BIO, BIO_free_all>;

/// Where OpenSSL fails though nothing foreign is involved: memory is gone, or the library is broken.
inline void must(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("OpenSSL fails at ") + what);
}

inline unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace todoku::authentication
