// What comes to the bounce address as evidence of spoofing: notices that return a mail with any Received fields, mails
// that carry reports. An address read out of them is one of the internet, and can be counted.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "intake/spoofing/dmarc_mail.h"
#include "intake/spoofing/own_sources.h"
#include "intake/spoofing/sighting.h"

using namespace todoku::intake::spoofing;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view mail(reinterpret_cast<const char*>(data), size);
  for (const bool complaint : {false, true}) {
    const Sighting sighting = read_sighting(mail, "bounces+x@news.example", complaint, true);
    if (!sighting.address.empty() && !is_public_address(sighting.address)) std::abort();
    if (sighting.from_domain.size() > 255) std::abort();
  }
  const auto reports = read_dmarc_mail(mail);
  if (reports && reports->reports.empty() && reports->problem.empty()) std::abort();
  (void)OwnSources::make(std::vector<std::string>{std::string(mail.substr(0, 60))});
  return 0;
}
