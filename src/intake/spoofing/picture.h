// One picture of the mail in a domain's name: how much came from where, what receivers did with it, and what a stricter
// policy would have refused.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "intake/spoofing/alerts.h"
#include "intake/spoofing/origin.h"
#include "store/connection.h"

namespace todoku::intake::spoofing {

/// Mails that receivers' DMARC reports counted.
struct Volume {
  std::int64_t mails = 0;
  std::int64_t unaligned = 0;  // neither DKIM nor SPF: what p=reject refuses
  std::int64_t quarantined = 0, refused = 0;
  void add(const SourceKey& key, std::int64_t count);
};

struct SourceLine {
  std::string address;  // empty: not known, or many
  std::string name;     // PTR; empty: none, or not looked up yet
  Origin origin = Origin::elsewhere;
  Volume volume;
  std::int64_t bounces = 0, complaints = 0;  // about mails that we did not send
  std::int64_t unproven = 0;                 // mails that reports tell of whose author nobody vouches for
  std::int64_t last_day = 0;
};

struct Picture {
  std::string domain;
  int days = 0;
  std::int64_t reports = 0, receivers = 0, report_days = 0;
  std::string policy, sub_policy;  // as receivers last saw it; empty: no report
  int percent = 100;
  Volume own, forwarded, authorised, elsewhere;
  std::int64_t bounces = 0, complaints = 0, unproven = 0;
  std::vector<SourceLine> sources;  // most mails first, each address and origin once
  std::vector<Alert> alerts;
};

/// The days up to now.
[[nodiscard]] Picture read_picture(store::Connection& db, std::string_view domain, int days, const OwnSources& own,
                                   base::Time now);

/// Domains that anything was seen of, most mails first.
[[nodiscard]] std::vector<std::string> pictured_domains(store::Connection& db, int days, base::Time now);

/// Addresses of the last month whose name was never looked up, or long ago; most mails first.
[[nodiscard]] std::vector<std::string> nameless_addresses(store::Connection& db, base::Time now, std::int64_t most);
void keep_host_name(store::Connection& db, std::string_view address, std::string_view name, base::Time now);

}  // namespace todoku::intake::spoofing
