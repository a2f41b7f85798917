// Feedback-ID anywhere in a mail that anybody may have written: what is found names a campaign and a list and stands
// there as we write it, and nothing else changes what is found.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tracking/feedback_id.h"

using namespace todoku::tracking;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  const auto found = find_feedback_id(content);
  if (!found) return 0;
  if (found->campaign.value <= 0 || found->list.value <= 0) std::abort();
  const std::string written = "Feedback-ID: " + feedback_id(*found, "sender") + "\r\n";
  if (find_feedback_id(written) != found) std::abort();
  if (find_feedback_id(written + std::string(content)) != found) std::abort();
  return 0;
}
