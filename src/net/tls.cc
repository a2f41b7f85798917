#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <list>
#include <mutex>
#include <unordered_map>

#include "net/tls_engine.h"

namespace todoku::net {
namespace {

constexpr std::size_t kSessionsKept = 10'000;

template <auto free>
struct Free {
  void operator()(auto* p) const { free(p); }
};
using Context = std::unique_ptr<SSL_CTX, Free<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL_SESSION, Free<SSL_SESSION_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;

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

// The newest session of each name; the least recently stored goes first.
class Sessions {
 public:
  void store(const std::string& name, Session session) {
    std::lock_guard lock(mutex_);
    if (auto found = by_name_.find(name); found != by_name_.end()) erase(found);
    if (by_name_.size() >= kSessionsKept) erase(by_name_.find(order_.front()));
    order_.push_back(name);
    by_name_[name] = {std::move(session), std::prev(order_.end())};
  }

  /// Into `ssl`, where one is known. Taken out: TLS 1.3's tickets are for one use, the server sends new ones.
  void resume(const std::string& name, SSL* ssl) {
    std::lock_guard lock(mutex_);
    auto found = by_name_.find(name);
    if (found == by_name_.end()) return;
    SSL_set_session(ssl, found->second.session.get());
    if (SSL_SESSION_get_protocol_version(found->second.session.get()) >= TLS1_3_VERSION) erase(found);
  }

 private:
  struct Entry {
    Session session;
    std::list<std::string>::iterator place;
  };
  void erase(std::unordered_map<std::string, Entry>::iterator entry) {
    order_.erase(entry->second.place);
    by_name_.erase(entry);
  }

  std::mutex mutex_;
  std::list<std::string> order_;
  std::unordered_map<std::string, Entry> by_name_;
};

}  // namespace

class TlsClientContext::Impl {
 public:
  Impl() : context(make_context(TLS_client_method())) {
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_set_app_data(context.get(), this);
    SSL_CTX_sess_set_new_cb(context.get(), [](SSL* ssl, SSL_SESSION* session) {
      auto* self = static_cast<Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
      const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
      if (!name) return 0;  // not kept
      self->sessions.store(name, Session(session));
      return 1;
    });
  }

  Context context;
  Sessions sessions;
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
  SSL_CTX_set_verify(context, options.verify == TlsVerify::none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nullptr);
  return std::unique_ptr<TlsClientContext>(new TlsClientContext(std::move(impl)));
}

std::unique_ptr<TlsEngine> TlsClientContext::engine(const std::string& name) {
  auto ssl = make_ssl(impl_->context);
  SSL_set_connect_state(ssl.get());
  SSL_set_tlsext_host_name(ssl.get(), name.c_str());
  SSL_set1_host(ssl.get(), name.c_str());
  impl_->sessions.resume(name, ssl.get());
  return std::make_unique<TlsEngine>(std::move(ssl));
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
  std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
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
