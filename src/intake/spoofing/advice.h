// What to do about what a picture shows, the most pressing first. Pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "intake/spoofing/picture.h"

namespace todoku::intake::spoofing {

enum class Advice : std::uint8_t {
  change_passwords,  // mail passes in our name from a place that we do not know
  repair_own,        // mail of ours passes neither SPF nor DKIM
  ask_for_reports,   // no receiver sends reports
  wait_for_reports,  // too few days or mails to judge by
  start_quarantine,  // p=none, and all of ours passes: tighten
  raise_percent,     // pct below 100
  go_to_reject,      // p=quarantine likewise
  close_subdomains,  // sp is weaker than p
  stay,              // p=reject: nothing to tighten
};
[[nodiscard]] std::string_view to_string(Advice advice);

struct AdviceLimits {
  std::int64_t days = 14;           // with reports, before a policy is tightened
  std::int64_t mails = 100;         // of ours, likewise
  double failing = 0.002;           // share of ours that may fail: forwarding breaks some
  std::int64_t strange_mails = 10;  // aligned ones from unknown places that are worth a word
};

[[nodiscard]] std::vector<Advice> advise(const Picture& picture, const AdviceLimits& limits = {});

/// Of all that receivers reported, what p=reject would have refused; and how much of that is ours.
struct Refusal {
  std::int64_t mails = 0;
  std::int64_t own = 0;
  std::int64_t forwarded = 0;
};
[[nodiscard]] Refusal would_be_refused(const Picture& picture);

}  // namespace todoku::intake::spoofing
