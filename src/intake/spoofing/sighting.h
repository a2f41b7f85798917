// What a bounce or complaint about a mail that we did not send tells of that mail: in whose name, and where from.
//
// Only the one who wrote the notice can be believed, and it wrote the topmost Received fields of what it returns: the
// first public address from the top is that of the machine which handed the mail to its system. What stands below was
// there before, and may be made up. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bounce/analyser.h"
#include "mail/mime_reader_header.h"

namespace todoku::intake::spoofing {

/// `unproven`: a DMARC report of whom nobody knows.
enum class Spring : std::uint8_t { dmarc, unproven, bounce, complaint };
[[nodiscard]] std::string_view to_string(Spring spring);

struct Sighting {
  Spring spring = Spring::bounce;
  std::string from_domain = {};  // of the mail's From, in A-labels; empty: not known
  std::string own_domain = {};   // of the address the notice came to
  bool forged = false;           // that address has a signature that we did not make
  std::string address = {};      // where it came from; empty: not known
};

/// The machine that handed a mail over, by the topmost of these Received fields that name a public address.
[[nodiscard]] std::string handed_over_by(std::span<const mail::RawField> fields);

/// `notice`: the whole mail. `recipient`: where it came to.
[[nodiscard]] Sighting read_sighting(std::string_view notice, std::string_view recipient, bool complaint, bool forged);

/// Of a complaint that a relay reports, about a mail that is known by its fields alone: it came by way of the relay, so
/// no machine is named.
[[nodiscard]] Sighting read_sighting(const bounce::OriginalMail& original);

}  // namespace todoku::intake::spoofing
