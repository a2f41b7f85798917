#include "delivery/outcome_log.h"

#include "base/log.h"

namespace todoku::delivery {
namespace {

constexpr std::string_view kResults[] = {"delivered", "deferred", "failed", "skipped", "cancelled"};

/// What may stand before the @ of an address, quoted ones but for their blanks included.
bool may_be_local_part(char c) {
  constexpr std::string_view kEnds = " \t\r\n<>()[]{},;:|";
  return kEnds.find(c) == std::string_view::npos;
}

}  // namespace

std::string without_mailboxes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '@') {
      const std::size_t length = out.size();
      while (!out.empty() && may_be_local_part(out.back()) && out.back() != '@') out.pop_back();
      if (out.size() < length) out += "…";
    }
    out += c;
  }
  return out;
}

void log_outcome(std::string_view receiver, const queue::Outcome& outcome) {
  base::log::info("outcome", {{"campaign", outcome.campaign.value},
                              {"contact", outcome.contact.value},
                              {"batch", outcome.batch.value},
                              {"attempt", outcome.attempt},
                              {"result", kResults[static_cast<std::size_t>(outcome.result)]},
                              {"reason", outcome.reason},
                              {"code", outcome.reply_code},
                              {"site", outcome.site},
                              {"receiver", receiver},
                              {"remote", outcome.remote},
                              {"reply", without_mailboxes(outcome.text)}});
}

}  // namespace todoku::delivery
