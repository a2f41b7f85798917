// What a server has to prove in the TLS handshake, beyond speaking TLS at all.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::net {

/// A TLSA record (RFC 6698 section 2.1): usage, selector and matching type in numbers, the data in bytes.
struct TlsaRecord {
  std::uint8_t usage = 0, selector = 0, matching = 0;
  std::string data;
  friend bool operator==(const TlsaRecord&, const TlsaRecord&) = default;
};

enum class TlsProof : std::uint8_t {
  none,         // any certificate will do; TlsInfo still tells whether it would have passed
  authorities,  // a chain to a trusted authority, and the name
  dane,         // one of the TLSA records (RFC 7672); the name as well, unless an end entity is matched
};

struct TlsPeer {
  std::string name;                      // for SNI; the certificate bears it,
  std::vector<std::string> other_names;  // or one of these
  TlsProof proof = TlsProof::none;
  std::vector<TlsaRecord> tlsa;  // for TlsProof::dane; where OpenSSL can use none of them, any certificate will do
  std::string place;             // "192.0.2.1:25": sessions are resumed at the same place alone
};

/// Why a handshake failed, where it was the certificate.
enum class TlsFault : std::uint8_t {
  none,        // it did not fail
  wrong_name,  // the certificate is for other names
  untrusted,   // no chain to a trusted authority
  expired,     // or not valid yet
  unmatched,   // no TLSA record matches
  other,       // not the certificate: no common version, the connection broke, ...
};

}  // namespace todoku::net
