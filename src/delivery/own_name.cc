#include "delivery/own_name.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace todoku::delivery {
namespace {

constexpr std::size_t kMostNames = 8;  // who gives one address more names is not taken seriously by anybody
constexpr std::array<std::string_view, 6> kWords = {"no_name",        "name_elsewhere", "helo_unknown",
                                                    "helo_elsewhere", "helo_differs",   "unanswered"};

/// As bytes, so that 2001:db8::1 and 2001:DB8:0::1 are the same.
std::string bytes_of(const std::string& address) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return {bytes.data(), sizeof(in_addr)};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return {bytes.data(), sizeof(in6_addr)};
  return {};
}

bool has(const std::vector<std::string>& addresses, const std::string& address) {
  return std::ranges::any_of(addresses, [&](const std::string& each) { return bytes_of(each) == bytes_of(address); });
}

bool same_name(std::string_view a, std::string_view b) {
  const auto bare = [](std::string_view name) {
    return base::ascii_lower(name.ends_with('.') ? name.substr(0, name.size() - 1) : name);
  };
  return bare(a) == bare(b);
}

bool looks_like_name(const std::string& helo) {
  return helo.find('.') != std::string::npos && helo.find_first_of("[]: ") == std::string::npos;
}

}  // namespace

std::string_view to_string(NameFault fault) { return kWords[static_cast<std::size_t>(fault)]; }

net::Task<OwnName> look_up_own_name(dns::Resolver* resolver, std::string address, std::string helo) {
  OwnName own{.address = std::move(address), .helo = std::move(helo), .names = {}, .helo_addresses = {}, .faults = {}};
  const auto reverse = co_await resolver->ptr(own.address);
  bool unanswered = dns::temporary(reverse.status);
  own.names = reverse.records;
  if (own.names.size() > kMostNames) own.names.resize(kMostNames);
  bool confirmed = false;
  for (const std::string& name : own.names) {
    const auto forward = co_await resolver->addresses(name);
    unanswered = unanswered || dns::temporary(forward.status);
    confirmed = confirmed || has(forward.records, own.address);
  }
  if (own.names.empty() && !unanswered) own.faults.push_back(NameFault::no_name);
  if (!own.names.empty() && !confirmed && !unanswered) own.faults.push_back(NameFault::name_elsewhere);
  if (!looks_like_name(own.helo)) {
    own.faults.push_back(NameFault::helo_unknown);
  } else {
    const auto forward = co_await resolver->addresses(own.helo);
    own.helo_addresses = forward.records;
    if (dns::temporary(forward.status)) {
      unanswered = true;
    } else if (forward.records.empty()) {
      own.faults.push_back(NameFault::helo_unknown);
    } else if (!has(forward.records, own.address)) {
      own.faults.push_back(NameFault::helo_elsewhere);
    }
  }
  const auto is_helo = [&own](const std::string& name) { return same_name(name, own.helo); };
  if (own.faults.empty() && !own.names.empty() && std::ranges::none_of(own.names, is_helo)) {
    own.faults.push_back(NameFault::helo_differs);
  }
  if (unanswered) own.faults.push_back(NameFault::unanswered);
  co_return own;
}

std::string outgoing_address() {
  // Connecting a datagram socket only asks the routing table.
  const int descriptor = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return {};
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(25);
  to.sin_addr.s_addr = htonl(0xC6336401);  // 198.51.100.1, of a network that is nobody's
  sockaddr_in own{};
  socklen_t size = sizeof own;
  std::array<char, INET_ADDRSTRLEN> text{};
  const bool known = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) == 0 &&
                     inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size()) != nullptr;
  ::close(descriptor);
  return known ? text.data() : std::string();
}

}  // namespace todoku::delivery
