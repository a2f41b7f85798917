#include "intake/spoofing/own_sources.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace todoku::intake::spoofing {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr int kMapped = 96;  // bits before an IPv4 address within IPv6

struct Parsed {
  Bytes bytes{};
  bool v4 = false;
};

std::optional<Parsed> parse(std::string_view text) {
  const std::string typed(text.substr(0, INET6_ADDRSTRLEN));
  Parsed parsed;
  if (::inet_pton(AF_INET, typed.c_str(), parsed.bytes.data() + kMapped / 8) == 1) {
    parsed.bytes[10] = parsed.bytes[11] = 0xff;
    parsed.v4 = true;
    return parsed;
  }
  if (::inet_pton(AF_INET6, typed.c_str(), parsed.bytes.data()) == 1) return parsed;
  return std::nullopt;
}

bool within(const Bytes& address, const Bytes& network, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(network.begin(), network.begin() + static_cast<std::ptrdiff_t>(whole), address.begin())) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xffU << (8 - static_cast<unsigned>(bits % 8)) & 0xffU;
  return ((address[whole] ^ network[whole]) & mask) == 0;
}

base::Error wrong(const std::string& network) {
  return {base::ErrorCode::invalid, "this is no address and no network: " + network,
          "write 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32", "spoofing.own_sources"};
}

}  // namespace

base::Result<OwnSources> OwnSources::make(std::span<const std::string> networks) {
  OwnSources sources;
  for (const std::string& network : networks) {
    const std::size_t slash = network.find('/');
    const auto parsed = parse(std::string_view(network).substr(0, slash));
    if (!parsed) return wrong(network);
    const int most = parsed->v4 ? 32 : 128;
    int bits = most;
    if (slash != std::string::npos) {
      const char* end = network.data() + network.size();
      const auto [stop, error] = std::from_chars(network.data() + slash + 1, end, bits);
      if (error != std::errc() || stop != end || bits < 0 || bits > most) return wrong(network);
    }
    sources.networks_.push_back({parsed->bytes, parsed->v4 ? bits + kMapped : bits});
  }
  return sources;
}

bool OwnSources::contain(std::string_view address) const {
  const auto parsed = parse(address);
  return parsed && std::ranges::any_of(networks_, [&](const Network& network) {
           return within(parsed->bytes, network.bytes, network.bits);
         });
}

bool is_public_address(std::string_view address) {
  static const OwnSources kSpecial = *OwnSources::make(std::vector<std::string>{
      "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
      "198.18.0.0/15", "224.0.0.0/3", "::/127", "fc00::/7", "fe80::/10", "ff00::/8"});
  return parse(address).has_value() && !kSpecial.contain(address);
}

}  // namespace todoku::intake::spoofing
