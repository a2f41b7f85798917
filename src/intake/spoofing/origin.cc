#include "intake/spoofing/origin.h"

namespace todoku::intake::spoofing {

std::string_view to_string(Origin origin) {
  switch (origin) {
    case Origin::own:
      return "own";
    case Origin::forwarded:
      return "forwarded";
    case Origin::authorised:
      return "authorised";
    case Origin::elsewhere:
      return "elsewhere";
  }
  return "";
}

Origin origin_of(const SourceKey& key, const OwnSources& own) {
  if (own.contain(key.address)) return Origin::own;
  if (key.signed_by_us) return key.spf ? Origin::own : Origin::forwarded;
  if (is_aligned(key)) return Origin::authorised;
  // A forwarder or a list breaks both; receivers that know it say so.
  const bool is_passed_on =
      key.excuse == "forwarded" || key.excuse == "mailing_list" || key.excuse == "trusted_forwarder";
  return is_passed_on ? Origin::forwarded : Origin::elsewhere;
}

}  // namespace todoku::intake::spoofing
