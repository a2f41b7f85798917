// MTA-STS policies, and the records of MTA-STS and TLS-RPT, as any web server and name server may send them: read or
// refused; what is read and written comes back the same, and matching takes any host.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "authentication/sts_policy.h"
#include "authentication/tls_report.h"

using namespace todoku::authentication;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> records = {text, "v=spf1 -all"};
  if (const auto id = announced_sts_id(records); id && (id->empty() || id->size() > 32)) std::abort();
  const ReportUris uris = tls_report_uris(records);
  if (uris.mail.size() + uris.https.size() > kMostReportUris) std::abort();
  const auto policy = parse_sts_policy(text);
  if (!policy) return 0;
  for (const std::string& mx : policy->mx) {
    if (mx.front() != '*' && !lists(*policy, mx)) std::abort();
  }
  (void)lists(*policy, text);
  const std::string written = to_text(*policy);
  if (written.size() > kLargestStsPolicy) return 0;
  const auto again = parse_sts_policy(written);
  if (!again || *again != *policy) std::abort();
  return 0;
}
