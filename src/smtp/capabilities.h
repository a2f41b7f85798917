// What a server offers in its reply to EHLO (RFC 5321 section 4.1.1.1).
#pragma once
#include <cstdint>
#include <string>

#include "smtp/reply.h"

namespace todoku::smtp {

struct Capabilities {
  bool pipelining = false;       // RFC 2920
  bool eight_bit_mime = false;   // RFC 6152
  bool smtputf8 = false;         // RFC 6531
  bool starttls = false;         // RFC 3207
  bool chunking = false;         // RFC 3030
  bool size = false;             // RFC 1870
  std::uint64_t size_limit = 0;  // 0: none told
  bool auth_plain = false;       // RFC 4954
  bool auth_login = false;
  std::string greeting_name;  // the name the server calls itself

  [[nodiscard]] static Capabilities parse(const Reply& ehlo);
};

}  // namespace todoku::smtp
