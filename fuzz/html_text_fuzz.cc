// Any bytes as HTML: no crash, and not much more text than there was HTML.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mail/html_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view html(reinterpret_cast<const char*>(data), size);
  if (todoku::mail::html_to_text(html).size() > 64 * (size + 1)) std::abort();
  return 0;
}
