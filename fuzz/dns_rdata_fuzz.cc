// Record data as any name server may send it: parsed or refused, and names that come out can be asked for or are
// refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "dns/rdata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace todoku::dns;
  std::string_view rdata(reinterpret_cast<const char*>(data), size);
  auto name = parse_name(rdata);
  if (name && (name->empty() || name->size() > 4 * 255)) std::abort();
  if (name && is_domain_name(*name) && name->find('\\') != name->npos) std::abort();
  if (auto text = parse_txt(rdata); text && text->size() > size) std::abort();
  if (auto address = parse_address(rdata); address && !reverse_name(*address)) std::abort();
  (void)is_referral(rdata);
  (void)parse_mx(rdata);
  (void)parse_tlsa(rdata);
  (void)is_domain_name(rdata);
  return 0;
}
