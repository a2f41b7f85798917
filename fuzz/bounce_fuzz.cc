// The mail entrance of the bounce analysis: any bytes, as one mail. It must not crash, and what it returns must keep
// its promises: bounded recipients, quotes and texts, effects that belong to the reasons.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "bounce/analyser.h"
#include "bounce/explanation.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace todoku::bounce;
  static const std::unique_ptr<Rules> kRules = *Rules::load();
  const Report report = Analyser(*kRules).analyse({reinterpret_cast<const char*>(data), size});
  check(report.recipients.size() <= 1000);
  for (const Diagnosis& one : report.recipients) {
    // A report of failed authentication is about a mail whose fate it does not tell.
    check(report.kind != Kind::other || one.reason == Reason::authentication_failed);
    check(one.diagnostic.size() <= 4096);
    check(one.effect != Effect::hard || one.permanent);
    for (const Evidence& evidence : one.evidence) check(evidence.quote.size() <= 500);
  }
  return 0;
}
