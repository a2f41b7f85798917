// Certificates for tests: an authority, and what it issues, of any name and age.
#pragma once
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/owned.h"
#include "base/secret.h"
#include "net/tls_peer.h"

namespace todoku::net {

struct TestCertificate {
  std::shared_ptr<X509> certificate;  // shared: copied about freely by tests
  std::shared_ptr<EVP_PKEY> key;

  [[nodiscard]] std::string pem() const {
    return text([this](BIO* bio) { PEM_write_bio_X509(bio, certificate.get()); });
  }
  [[nodiscard]] base::Secret key_pem() const {
    return base::Secret(
        text([this](BIO* bio) { PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr); }));
  }
  /// A TLSA record that it matches; matching: 0, 1 (SHA-256) or 2 (SHA-512).
  [[nodiscard]] TlsaRecord tlsa(int usage, int selector, int matching = 1) const {
    unsigned char* der = nullptr;
    const int size = selector == 0 ? i2d_X509(certificate.get(), &der) : i2d_PUBKEY(key.get(), &der);
    std::string data(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    if (matching > 0) {
      std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
      unsigned length = 0;
      EVP_Digest(data.data(), data.size(), digest.data(), &length, matching == 1 ? EVP_sha256() : EVP_sha512(),
                 nullptr);
      data.assign(reinterpret_cast<const char*>(digest.data()), length);
    }
    const auto number = [](int n) { return static_cast<std::uint8_t>(n); };
    return {number(usage), number(selector), number(matching), data};
  }

 private:
  template <class Write>
  static std::string text(Write write) {
    base::Owned<BIO, BIO_free_all> bio(BIO_new(BIO_s_mem()));
    write(bio.get());
    char* data = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

/// Days from now between which it is valid. Without `issuer` it signs itself and is an authority.
inline TestCertificate make_certificate(const std::string& name, const TestCertificate* issuer = nullptr,
                                        long from_day = -1, long to_day = 30) {
  constexpr long kDay = 24L * 3600;
  static long serial = 1;
  TestCertificate made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  auto* x = made.certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x), from_day * kDay);
  X509_gmtime_adj(X509_getm_notAfter(x), to_day * kDay);
  X509_set_pubkey(x, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer->certificate.get() : x));
  const auto extend = [x](int nid, const std::string& value) {
    base::Owned<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
    if (!extension || X509_add_ext(x, extension.get(), -1) != 1) throw std::runtime_error("no extension " + value);
  };
  extend(NID_basic_constraints, issuer ? "CA:FALSE" : "critical,CA:TRUE");
  if (issuer) extend(NID_subject_alt_name, "DNS:" + name);
  if (X509_sign(x, (issuer ? issuer->key : made.key).get(), EVP_sha256()) == 0) throw std::runtime_error("not signed");
  return made;
}

}  // namespace todoku::net
