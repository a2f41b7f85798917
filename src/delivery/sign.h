// What a reply says of our sending, as against of one recipient or one mail.
#pragma once
#include <cstdint>
#include <string_view>

#include "queue/outcome.h"

namespace todoku::delivery {

enum class Sign : std::uint8_t {
  taken,
  refused,               // for a reason that has nothing to do with how we send
  slow_down,             // 4xx: too fast, or the receiver has too much to do
  too_many_connections,  // likewise, of connections
  blocked,               // the receiver takes nothing from us
  lost,                  // no reply: the connection failed
};

/// A reply as shaping needs it; the text lives as long as what it was made of.
struct Answer {
  Sign sign = Sign::taken;
  bool of_the_sender = false;  // said before any recipient was named
  int code = 0;                // 0: none
  std::string_view text = {};
};

[[nodiscard]] Answer answer_of(const queue::Outcome& outcome);

/// Greylisting is no sign: it makes everybody wait, however slowly they come.
[[nodiscard]] Sign sign_of(const queue::Outcome& outcome);

}  // namespace todoku::delivery
