// Our own name as receivers check it: the PTR record of the address we send from must name a host that has this address
// (RFC 1912 section 2.1, forward-confirmed), and the name given in EHLO must have it, too. Gmail and others refuse mail
// without.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "dns/resolver.h"

namespace todoku::delivery {

enum class NameFault : std::uint8_t {
  no_name,         // the address has no PTR record
  name_elsewhere,  // what it names does not have the address
  helo_unknown,    // the EHLO name has no address (or is none)
  helo_elsewhere,  // it has others
  helo_differs,    // all is well, but the PTR record names another host: some receivers compare
  unanswered,      // DNS gave no answer, so nothing is known
};
[[nodiscard]] std::string_view to_string(NameFault fault);

/// What receivers see.
struct OwnName {
  std::string address;                      // in numbers
  std::string helo;                         // the name given in EHLO
  std::vector<std::string> names;           // of the address
  std::vector<std::string> helo_addresses;  // of the EHLO name
  std::vector<NameFault> faults;            // none: well
};

/// Asks DNS; takes at most as long as the resolver's limit for each of a dozen questions.
[[nodiscard]] net::Task<OwnName> look_up_own_name(dns::Resolver* resolver, std::string address, std::string helo);

/// The address that the system sends from to the internet, in numbers; empty where it has no way there. Sends nothing.
[[nodiscard]] std::string outgoing_address();

}  // namespace todoku::delivery
