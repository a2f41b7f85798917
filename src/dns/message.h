// A whole DNS message (RFC 1035 section 4.1) → what it answers. The bytes are foreign: anything may come. No I/O.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::dns {

struct Answers {
  int code = 0;  // the response code
  // Of the records of the type asked for, at the name asked for or at what it is an alias of. Names in those of MX, PTR
  // and CNAME records are not compressed any more.
  std::vector<std::string> rdata;
  std::string canonical;  // what the name is an alias of, lower case, no final dot; empty where it is none
};

/// Nothing: it is not a message with one question, or is cut off.
[[nodiscard]] std::optional<Answers> read_answers(std::string_view message);

}  // namespace todoku::dns
