// How a receiver wants to be sent to. One table names the settings, for the providers' files ([limits]), the
// operator's ([shaping.NAME]) and whoever shows them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace todoku::provider {

/// The defaults are for a server that nothing is known of. 0 where a number may be missing: no such limit.
struct Limits {
  int connections = 10;
  int mails_per_connection = 100;
  double mails_per_second = 0;
  std::int64_t mails_per_minute = 0;
  std::int64_t mails_per_hour = 0;
  std::int64_t mails_per_day = 0;
  double start_per_second = 0;      // where slow start begins; 0: as fast as it goes, until the first "slow down"
  base::Duration connect{0};        // longest wait for a connection; 0: smtp.timeout_connect
  base::Duration idle{2000};        // an open connection without a mail
  base::Duration retry_first{0};    // 0: delivery.retry_first
  base::Duration blocked{600'000};  // rest after "blocked", before the first probe; doubled for each one that fails
  int recipients_per_mail = 100;
  std::int64_t message_bytes = 0;  // 0: not known
  bool tls_required = false;
};

struct LimitKey {
  using Member =
      std::variant<int Limits::*, std::int64_t Limits::*, double Limits::*, bool Limits::*, base::Duration Limits::*>;
  std::string_view name;
  Member member;
  double least;  // smallest number that makes sense; times in milliseconds
  std::string_view prose;
};

/// Every setting, in the order of the documentation.
[[nodiscard]] std::span<const LimitKey> limit_keys();
[[nodiscard]] const LimitKey* find_limit(std::string_view name);

/// From "10", "2.5", "true", "30s". The error says what the setting takes, or names the nearest one there is.
[[nodiscard]] base::Result<void> set_limit(Limits& limits, std::string_view name, std::string_view text);

/// As set_limit() takes it.
[[nodiscard]] std::string limit_text(const Limits& limits, const LimitKey& key);

}  // namespace todoku::provider
