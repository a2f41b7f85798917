// Recipients that a notice names without a domain, and the lines of its senders.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "bounce/heading.h"
#include "bounce/notice.h"

namespace todoku::bounce {

struct BareName {
  std::string_view name;  // empty: the line is none
  std::string_view why;   // what stands behind it, "(user not found)" or in a column of its own
  bool in_columns = false;
};

/// An indented line with nothing but a mailbox's name, or with that and the reason.
[[nodiscard]] BareName bare_name_on(std::string_view line);

/// The name's address: as the returned mail was addressed, else in the domain of the reporting host's organisation.
[[nodiscard]] std::string address_of_name(const Notice& notice, std::string_view name);

/// "From: a@b.c", "Sender: …", "A message sent by" and the like: whoever that line names is not one that failed.
[[nodiscard]] bool names_sender(std::string_view text, std::span<const TextLine> lines, std::size_t line);

}  // namespace todoku::bounce
