// What was probably meant where the part of an address after the @ has a slip: gmial.com → gmail.com.
//
// Compared with the mailbox domains of data/providers and with the domains at which our own readers get mail. A slip is
// a letter too many, missing, doubled, changed (a neighbour on the keyboard sooner than another), two letters swapped,
// a dot left out, a wrong ending. A domain at which readers get mail is never questioned.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/connection.h"

namespace todoku::remedy {

struct KnownDomain {
  std::string name;            // as in DNS
  std::int64_t delivered = 0;  // mails taken there; 0: a provider's that none of our readers has
};

/// How far `typed` is from `meant`, in tenths of a slip; more than 99 where they have nothing to do with each other.
[[nodiscard]] int slips_between(std::string_view typed, std::string_view meant);

/// Those of `known` that were likely meant, the likeliest first, at most three; none where `typed` is fine.
[[nodiscard]] std::vector<std::string> near_domains(std::string_view typed, std::span<const KnownDomain> known);

/// Providers' domains, and those at which mails were taken and not mostly returned.
[[nodiscard]] std::vector<KnownDomain> known_domains(store::Connection& db);

/// Whole addresses. Errors: `invalid`, where the address is so faulty that even its domain cannot be told.
[[nodiscard]] base::Result<std::vector<std::string>> suggest_addresses(store::Connection& db, std::string_view address);

}  // namespace todoku::remedy
