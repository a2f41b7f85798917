// DMARC reports as anybody may send them, packed or not: read or refused, within the limits, and every row one that can
// be counted.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "authentication/dmarc_file.h"

using namespace todoku::authentication;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto reports = read_dmarc_file({reinterpret_cast<const char*>(data), size});
  if (!reports) {
    if (reports.error().message.empty()) std::abort();
    return 0;
  }
  if (reports->empty() || reports->size() > kMostDmarcDocuments) std::abort();
  for (const DmarcReport& report : *reports) {
    if (report.policy.domain.empty() || report.rows.size() > kMostDmarcRows) std::abort();
    for (const DmarcRow& row : report.rows) {
      if (row.source.empty() || row.mails <= 0) std::abort();
    }
  }
  return 0;
}
