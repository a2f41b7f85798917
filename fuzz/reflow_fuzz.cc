// Laying a mail out anew: no line is too long then, once is enough, and every part reads as before.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mail/mime_reader.h"
#include "mail/reflow.h"
#include "mail/transfer_encoding.h"

using namespace todoku;

namespace {

std::string without_line_ends(std::string text) {
  std::erase_if(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t limit = 78 + data[0];
  std::string mail;
  mail::append_crlf(mail, std::string_view(reinterpret_cast<const char*>(data + 1), size - 1));
  const auto made = mail::reflow(mail, limit);
  if (!made) return 0;
  if (mail::has_line_above(*made, limit)) std::abort();
  const auto again = mail::reflow(*made, limit);
  if (!again || *again != *made) std::abort();
  const mail::MimeReader before(mail);
  const mail::MimeReader after(*made);
  if (before.torn() || before.limited()) return 0;
  if (before.parts().size() != after.parts().size()) std::abort();
  for (std::size_t i = 0; i < before.parts().size(); ++i) {
    const auto& one = before.parts()[i];
    if (one.has_children || !one.is("text", "plain")) continue;
    if (without_line_ends(before.bytes(one, 1 << 20)) != without_line_ends(after.bytes(after.parts()[i], 1 << 20))) {
      std::abort();
    }
  }
  return 0;
}
