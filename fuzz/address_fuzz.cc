// An address that was taken is taken again in every form that it is written in, and means the same reader.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mail/address.h"
#include "mail/header.h"
#include "mail/utf8.h"

using namespace todoku::mail;

namespace {
void require(bool holds) {
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto mailbox = parse_mailbox(text)) {
    std::string field;
    if (append_mailbox_field(field, "To", {&*mailbox, 1})) {
      for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\n') require(field[i - 1] == '\r' && (i + 1 == field.size() || field[i + 1] == ' '));
      }
    }
  }
  const auto address = parse_address(text);
  if (!address) {
    require(!address.error().message.empty() && !address.error().where.empty());
    return 0;
  }
  require(address->smtp().size() <= 254 && is_utf8(address->smtp()));
  require(address->smtp().find_first_of("\r\n") == std::string::npos);
  for (const std::string& form : {address->smtp(), address->display()}) {
    const auto again = parse_address(form);
    require(again && again->match_key() == address->match_key() && again->local == address->local);
  }
  static_cast<void>(is_role_address(*address));
  static_cast<void>(near_domain(address->ascii_domain));
  static_cast<void>(unicode_domain(address->ascii_domain));
  return 0;
}
