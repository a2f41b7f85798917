#include "delivery/sign.h"

#include "base/ascii.h"
#include "bounce/reason.h"
#include "smtp/reply.h"

namespace todoku::delivery {
namespace {

using bounce::Reason;

bool greylisted(const queue::Outcome& outcome) {
  const std::string text = base::ascii_lower(outcome.text);
  return text.find("grey") != std::string::npos || text.find("graylist") != std::string::npos;
}

bool before_recipients(std::string_view stage) {
  return stage != smtp::to_string(smtp::Stage::rcpt) && stage != smtp::to_string(smtp::Stage::data) &&
         stage != smtp::to_string(smtp::Stage::eod);
}

}  // namespace

Answer answer_of(const queue::Outcome& outcome) {
  if (outcome.result == queue::Result::delivered) return {.code = outcome.reply_code};
  return {.sign = sign_of(outcome),
          .of_the_sender = before_recipients(outcome.stage),
          .code = outcome.reply_code,
          .text = outcome.text};
}

Sign sign_of(const queue::Outcome& outcome) {
  if (outcome.result == queue::Result::delivered) return Sign::taken;
  const bool temporary = outcome.reply_code >= 400 && outcome.reply_code < 500;
  switch (bounce::reason_of(outcome.reason).value_or(Reason::unknown)) {
    case Reason::blocked:
      return Sign::blocked;
    case Reason::too_many_connections:
      return Sign::too_many_connections;
    case Reason::rate_limited:
      return greylisted(outcome) ? Sign::refused : Sign::slow_down;
    case Reason::system_full:
    case Reason::system_error:
    case Reason::unknown:
      return temporary ? Sign::slow_down : Sign::refused;
    case Reason::network_error:
      return outcome.reply_code == 0 ? Sign::lost : Sign::refused;
    default:
      return Sign::refused;
  }
}

}  // namespace todoku::delivery
