// A PROXY header cut into pieces anywhere reads as the whole does, never takes what follows it, and always ends.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "net/proxy_header.h"

namespace {

using todoku::net::ProxyHeader;

std::size_t read(ProxyHeader& header, std::string_view text, std::size_t piece) {
  std::size_t used = 0;
  while (header.state() == ProxyHeader::State::more && used < text.size()) {
    const std::size_t wanted = header.wanted();
    if (wanted == 0) std::abort();
    const std::size_t size = std::min({piece, wanted, text.size() - used});
    header.read(text.substr(used, size));
    used += size;
  }
  return used;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ProxyHeader pieces, whole;
  const std::size_t one = read(pieces, text, 1 + data[0] % 64);
  const std::size_t other = read(whole, text, text.size() + 1);
  if (pieces.state() != whole.state() || pieces.client() != whole.client()) std::abort();
  if (whole.state() == ProxyHeader::State::done && one != other) std::abort();
  return 0;
}
