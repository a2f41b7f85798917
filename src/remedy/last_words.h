// What was last said of a campaign's mail to each reader whom it did not reach at first, whether in the session or
// later.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::remedy {

struct LastWord {
  std::string reason;  // word of bounce::Reason; empty: delivered
  std::string site;    // who said so in the session, empty where it came later
  base::Time at;
  bool waiting = false;  // it was laid down again, and has no final outcome since
};
using LastWords = std::map<base::ContactId, LastWord>;

/// Of all to whom this reason was ever given; their last word may be another.
[[nodiscard]] LastWords last_words(store::Connection& db, base::CampaignId campaign, std::string_view reason);

}  // namespace todoku::remedy
