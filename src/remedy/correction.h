// The address is corrected, and the mail that did not arrive is sent to the right one.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "audience/correction.h"
#include "base/clock.h"
#include "base/result.h"
#include "campaign/campaign.h"
#include "store/connection.h"

namespace todoku::remedy {

struct CorrectionWanted {
  std::string_view address;
  std::string_view right;
  std::optional<campaign::Campaign> campaign = {};  // whose mail is sent; none: the last one that failed
};

struct CorrectionDone {
  audience::Corrected corrected;
  std::optional<campaign::Campaign> campaign = {};  // whose mail is sent now
  bool waited = false;  // it had not been sent yet, and goes to the right address in its turn
  bool may_not =
      false;  // nothing is sent: the contact has no consent on record or was not active before it was stopped
};

/// In the caller's transaction. Errors: `not_found` where there is no such contact, and those of
/// audience::correct_address() and of campaign::reopen(); then the transaction is to be given up.
[[nodiscard]] base::Result<CorrectionDone> correct_and_resend(store::Connection& db, const CorrectionWanted& wanted,
                                                              base::Time now);

}  // namespace todoku::remedy
