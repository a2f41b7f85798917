// A contact whose address was wrong gets the right one and goes on as the same reader: lists, fields, consent, history.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "audience/contact.h"
#include "audience/stops.h"
#include "base/clock.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::audience {

/// ContactEvent::kind; its cause is the address that the contact had.
inline constexpr std::string_view kCorrectedEvent = "corrected";

struct Corrected {
  Contact contact;                  // as it is now
  std::vector<Stop> released = {};  // stops by errors of the old address, which are over
};

/// In the caller's transaction. What errors were counted was the old address's, so it is forgotten. Errors: `invalid`
/// (a faulty address, or the one that it has), `exists` (another contact has it), `refused` (its owner, or this reader,
/// wants no mail); then nothing changes.
[[nodiscard]] base::Result<Corrected> correct_address(store::Connection& db, const Contact& contact,
                                                      std::string_view right, base::CampaignId campaign,
                                                      base::Time now);

}  // namespace todoku::audience
