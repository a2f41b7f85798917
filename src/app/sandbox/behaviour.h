// What the sandbox does with a recipient, by the part before the @. Pure; docs/sandbox.md lists the table for people.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "smtp/reply.h"

namespace todoku::app::sandbox {

struct Behaviour {
  std::string_view prefix;  // of the local part; "user-unknown", "user-unknown-7" and "user-unknown+x" all fit
  smtp::Stage stage;        // when it answers: rcpt or eod
  int code;                 // 0: takes the mail
  std::string_view text;    // with {} for the address
  bool only_first = false;  // the second attempt is taken
  int delay_ms = 0;
};

/// Every behaviour but the plain one, in the order of the documentation.
[[nodiscard]] std::span<const Behaviour> behaviours();

/// Null: the mail is simply taken.
[[nodiscard]] const Behaviour* behaviour_of(std::string_view address);

}  // namespace todoku::app::sandbox
