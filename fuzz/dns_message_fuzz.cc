// A DNS message as any name server may send it: read or refused, and no more comes out of it than went in.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dns/message.h"
#include "dns/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace todoku::dns;
  const auto found = read_answers({reinterpret_cast<const char*>(data), size});
  if (!found) return 0;
  if (found->rdata.size() > size / 11) std::abort();  // a record has eleven octets at least
  for (const auto& rdata : found->rdata) {
    if (rdata.size() > size && rdata.size() > 2 + 255) std::abort();
    (void)parse_mx(rdata);
    (void)parse_name(rdata);
  }
  if (found->canonical.size() > 4 * 255) std::abort();
  return 0;
}
