// Record data as it stands in a DNS answer → values (RFC 1035, 6698). The bytes are foreign: anything may come. No I/O.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "dns/resolver.h"

namespace todoku::dns {

/// An uncompressed name as text, lower case, without final dot; the root is ".". Bytes that no host name has are
/// written \DDD.
[[nodiscard]] std::optional<std::string> parse_name(std::string_view wire);

struct MxRecord {
  int preference = 0;
  std::string host;
};
[[nodiscard]] std::optional<MxRecord> parse_mx(std::string_view rdata);
/// A (4 bytes) or AAAA (16 bytes) in numbers.
[[nodiscard]] std::optional<std::string> parse_address(std::string_view rdata);
[[nodiscard]] std::optional<std::string> parse_txt(std::string_view rdata);
[[nodiscard]] std::optional<TlsaRecord> parse_tlsa(std::string_view rdata);

/// Whether a whole message only sends the asker on to other name servers: no answer, NS but no SOA in its authority
/// section (RFC 2308 section 2.2.4). It says nothing about the name, though its response code is that of success.
[[nodiscard]] bool is_referral(std::string_view message);

/// "4.3.2.1.in-addr.arpa" of "1.2.3.4", and the IPv6 kind.
[[nodiscard]] std::optional<std::string> reverse_name(const std::string& address);
/// Whether it can be asked for: labels of 1–63 bytes, 253 in all, no blanks or controls.
[[nodiscard]] bool is_domain_name(std::string_view name);

}  // namespace todoku::dns
