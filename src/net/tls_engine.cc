#include "net/tls_engine.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <new>

namespace todoku::net {

std::string openssl_error() {
  auto first = ERR_get_error();
  ERR_clear_error();
  if (first == 0) return "unknown TLS error";
  const char* reason = ERR_reason_error_string(first);
  return reason ? reason : "TLS error " + std::to_string(first);
}

namespace {

/// What X509_verify_cert says of a certificate that does not pass.
TlsFault fault_of(long verified, bool by_dane) {
  switch (verified) {
    case X509_V_OK:
      return TlsFault::other;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return TlsFault::wrong_name;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return TlsFault::expired;
    default:
      return by_dane ? TlsFault::unmatched : TlsFault::untrusted;
  }
}

}  // namespace

TlsEngine::TlsEngine(Ssl ssl, bool by_dane) : ssl_(std::move(ssl)), by_dane_(by_dane) {
  BIO* in = in_.bio();
  BIO* out = out_.bio();
  SSL_set_bio(ssl_.get(), in, out);
  if (!in || !out) throw std::bad_alloc();
}

TlsEngine::Step TlsEngine::outcome(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Step::done;
    case SSL_ERROR_WANT_READ:
      return Step::want_read;
    case SSL_ERROR_ZERO_RETURN:
      return Step::closed;
    default:
      break;
  }
  error_ = openssl_error();
  return Step::failed;
}

TlsEngine::Step TlsEngine::handshake() {
  ERR_clear_error();
  auto step = outcome(SSL_do_handshake(ssl_.get()));
  if (step != Step::failed && step != Step::closed) return step;
  auto verified = SSL_get_verify_result(ssl_.get());
  fault_ = fault_of(verified, by_dane_);
  if (verified != X509_V_OK) error_ += std::string(": ") + X509_verify_cert_error_string(verified);
  return step;
}

TlsEngine::Step TlsEngine::read(std::span<char> into, std::size_t& bytes) {
  ERR_clear_error();
  bytes = 0;
  return outcome(SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes));
}

TlsEngine::Step TlsEngine::write(std::string_view text) {
  if (text.empty()) return Step::done;
  ERR_clear_error();
  std::size_t written = 0;
  return outcome(SSL_write_ex(ssl_.get(), text.data(), text.size(), &written));
}

void TlsEngine::farewell() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // the answer is not waited for: SMTP and HTTP know their own end
  ERR_clear_error();
}

TlsInfo TlsEngine::info() const {
  auto verified = SSL_get_verify_result(ssl_.get());
  bool has_certificate = SSL_get0_peer_certificate(ssl_.get()) != nullptr;
  TlsInfo info;
  info.version = SSL_get_version(ssl_.get());
  info.cipher = SSL_get_cipher_name(ssl_.get());
  info.verified = verified == X509_V_OK && has_certificate;
  info.resumed = SSL_session_reused(ssl_.get()) == 1;
  if (info.verified) return info;
  info.verify_error = has_certificate ? X509_verify_cert_error_string(verified) : "no certificate";
  info.fault = has_certificate ? fault_of(verified, false) : TlsFault::untrusted;
  return info;
}

}  // namespace todoku::net
