// Whatever bytes come in and however they are cut, UTF-8 comes out, the same in one piece and in many.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "mail/charset.h"
#include "mail/utf8.h"

using namespace todoku::mail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 10> kCharsets = {"utf-8", "windows-31j", "euc-jp", "iso-2022-jp",  "utf-16",
                                                          "utf-7", "gb18030",     "big5",   "windows-1252", "euc-kr"};
  if (size < 2) return 0;
  const std::string_view charset = kCharsets[data[0] % kCharsets.size()];
  const std::size_t step = 1u + data[1] % 16u;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = decode(bytes, charset, OnInvalid::replace);
  if (!whole || !is_utf8(*whole)) std::abort();
  auto decoder = Decoder::open(charset, OnInvalid::replace);
  std::string pieces;
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    if (!decoder->feed(bytes.substr(i, step), pieces)) std::abort();
  }
  if (!decoder->finish(pieces) || pieces != *whole) std::abort();
  static_cast<void>(detect_charset(bytes, true));
  static_cast<void>(detect_charset(bytes, false));
  static_cast<void>(decode(bytes, charset, OnInvalid::refuse));
  return 0;
}
