#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/owned.h"
#include "net/tls_engine.h"
#include "net/tls_sessions.h"

namespace todoku::net {
namespace {

using Context = base::Owned<SSL_CTX, SSL_CTX_free>;
using Certificate = base::Owned<X509, X509_free>;
using Key = base::Owned<EVP_PKEY, EVP_PKEY_free>;
using Bio = base::Owned<BIO, BIO_free_all>;

Context make_context(const SSL_METHOD* method) {
  Context context(SSL_CTX_new(method));
  if (!context) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // Buffers of an idle connection are given back: 34 kB each, with thousands of connections open.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

Ssl make_ssl(const Context& context) {
  Ssl ssl(SSL_new(context.get()));
  if (!ssl) throw std::bad_alloc();
  return ssl;
}

Bio read_bio(std::string_view text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string content(const Bio& bio) {
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string session_key(const TlsPeer& peer) {
  std::string key = peer.name + '|' + peer.place + '|' + std::to_string(static_cast<int>(peer.proof));
  for (const auto& name : peer.other_names) key += '|' + name;
  for (const auto& record : peer.tlsa) {
    key += '|';
    for (const auto part : {record.usage, record.selector, record.matching}) key += static_cast<char>(part);
    key += record.data;
  }
  return key;
}

// Where an SSL keeps the key of its sessions.
int key_index() {
  static const int index = SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* key, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<std::string*>(key); });
  return index;
}

bool is_host_name(const std::string& name) {
  return name.find_first_not_of("0123456789.") != std::string::npos && name.find_first_of("[:") == std::string::npos;
}

void expect(SSL* ssl, const TlsPeer& peer, bool verify_always) {
  const char* name = peer.name.c_str();
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_host_name(peer.name)) SSL_set_tlsext_host_name(ssl, name);
  bool verify = verify_always || peer.proof == TlsProof::authorities;
  if (peer.proof == TlsProof::dane && SSL_dane_enable(ssl, name) == 1) {
    // RFC 7672 section 3.1.1: an end entity's record says all, the names in its certificate nothing.
    SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    for (const auto& record : peer.tlsa) {
      const auto* data = reinterpret_cast<const unsigned char*>(record.data.data());
      if (SSL_dane_tlsa_add(ssl, record.usage, record.selector, record.matching, data, record.data.size()) == 1)
        verify = true;
    }
    ERR_clear_error();
  } else {
    SSL_set1_host(ssl, name);
  }
  for (const auto& other : peer.other_names) SSL_add1_host(ssl, other.c_str());
  SSL_set_verify(ssl, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
}

}  // namespace

class TlsClientContext::Impl {
 public:
  Impl() : context(make_context(TLS_client_method())) {
    SSL_CTX_dane_enable(context.get());
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context.get(), this);
    SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION* session) {
      auto* self = static_cast<Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
      const auto* key = static_cast<const std::string*>(SSL_get_ex_data(ssl, key_index()));
      if (!key) return 0;  // not kept
      self->sessions.store(*key, TlsSessions::Session(session));
      return 1;
    });
  }

  Context context;
  TlsSessions sessions;
  bool verify_always = false;
};

TlsClientContext::TlsClientContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClientContext::~TlsClientContext() = default;

base::Result<std::unique_ptr<TlsClientContext>> TlsClientContext::create(const TlsClientOptions& options) {
  auto impl = std::make_unique<Impl>();
  auto* context = impl->context.get();
  int loaded = options.authorities_file.empty()
                   ? SSL_CTX_set_default_verify_paths(context)
                   : SSL_CTX_load_verify_locations(context, options.authorities_file.c_str(), nullptr);
  if (loaded != 1)
    return base::Error{base::ErrorCode::io, "cannot read certificate authorities: " + openssl_error(),
                       "install ca-certificates, or name a PEM file", options.authorities_file};
  impl->verify_always = options.verify == TlsVerify::name;
  return std::unique_ptr<TlsClientContext>(new TlsClientContext(std::move(impl)));
}

std::unique_ptr<TlsEngine> TlsClientContext::engine(const TlsPeer& peer) {
  auto ssl = make_ssl(impl_->context);
  SSL_set_connect_state(ssl.get());
  expect(ssl.get(), peer, impl_->verify_always);
  auto key = std::make_unique<std::string>(session_key(peer));
  impl_->sessions.resume(*key, ssl.get());
  if (SSL_set_ex_data(ssl.get(), key_index(), key.get()) == 1) (void)key.release();  // the SSL's now
  return std::make_unique<TlsEngine>(std::move(ssl), peer.proof == TlsProof::dane);
}

class TlsServerContext::Impl {
 public:
  Context context = make_context(TLS_server_method());
};

TlsServerContext::TlsServerContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsServerContext::~TlsServerContext() = default;

base::Result<std::unique_ptr<TlsServerContext>> TlsServerContext::create(std::string_view chain,
                                                                         const base::Secret& key) {
  auto impl = std::make_unique<Impl>();
  auto* context = impl->context.get();
  auto invalid = [](const std::string& what) {
    return base::Error{base::ErrorCode::invalid, what + ": " + openssl_error(), "give certificate and key in PEM", {}};
  };
  auto bio = read_bio(chain);
  Certificate leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return invalid("not a certificate");
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)})
    SSL_CTX_add1_chain_cert(context, next.get());
  ERR_clear_error();  // the end of the chain is an error to the reader
  Key private_key(PEM_read_bio_PrivateKey(read_bio(key.reveal()).get(), nullptr, nullptr, nullptr));
  if (!private_key || SSL_CTX_use_PrivateKey(context, private_key.get()) != 1)
    return invalid("not the key of the certificate");
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("todoku"), 6);
  return std::unique_ptr<TlsServerContext>(new TlsServerContext(std::move(impl)));
}

std::unique_ptr<TlsEngine> TlsServerContext::engine() {
  auto ssl = make_ssl(impl_->context);
  SSL_set_accept_state(ssl.get());
  return std::make_unique<TlsEngine>(std::move(ssl));
}

namespace {

void add_extension(X509* certificate, int nid, const std::string& value) {
  base::Owned<X509_EXTENSION, X509_EXTENSION_free> extension(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  if (extension) X509_add_ext(certificate, extension.get(), -1);
}

}  // namespace

SelfSigned make_self_signed(std::string_view name) {
  constexpr long kYear = 365L * 24 * 3600;
  Key key(EVP_EC_gen("P-256"));
  Certificate certificate(X509_new());
  if (!key || !certificate) throw std::bad_alloc();
  auto* x = certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
  X509_gmtime_adj(X509_getm_notBefore(x), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x), kYear);
  X509_set_pubkey(x, key.get());
  auto* subject = X509_get_subject_name(x);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.data()),
                             static_cast<int>(name.size()), -1, 0);
  X509_set_issuer_name(x, subject);
  add_extension(x, NID_subject_alt_name, "DNS:" + std::string(name) + ",IP:127.0.0.1,IP:::1");
  add_extension(x, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x, key.get(), EVP_sha256());
  Bio certificate_text(BIO_new(BIO_s_mem()));
  Bio key_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_text.get(), x);
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {content(certificate_text), base::Secret(content(key_text))};
}

}  // namespace todoku::net
