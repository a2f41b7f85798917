// DANE for SMTP (RFC 7672): which TLSA records count, and where they stand. The matching of certificates is OpenSSL's,
// in net. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls_peer.h"

namespace todoku::authentication {

/// "_25._tcp.mx.example.jp"
[[nodiscard]] std::string tlsa_record_name(std::string_view host, std::uint16_t port);

/// DANE-TA(2) or DANE-EE(3), certificate or public key, whole or as SHA-256 or SHA-512 of the right length. The PKIX
/// usages are none for SMTP (section 3.1.3).
[[nodiscard]] bool usable_for_smtp(const net::TlsaRecord& record);

[[nodiscard]] std::vector<net::TlsaRecord> usable_for_smtp(std::vector<net::TlsaRecord> records);

/// "3 1 1 8bd1da95…", as zone files and reports have it.
[[nodiscard]] std::string to_text(const net::TlsaRecord& record);

}  // namespace todoku::authentication
