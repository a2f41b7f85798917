#include "app/limit_name.h"

namespace todoku::app {

std::string limit_name(base::Duration span) {
  using namespace std::chrono_literals;
  if (span == 0s) return "connections";
  if (span == 1s) return "mails_per_second";
  if (span == 1min) return "mails_per_minute";
  if (span == 1h) return "mails_per_hour";
  if (span == 24h) return "mails_per_day";
  return "mails_per_" + base::to_text(span);
}

}  // namespace todoku::app
