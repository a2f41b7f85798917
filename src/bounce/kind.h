// Tells a bounce from all that looks like one.
#pragma once
#include <cstdint>

#include "bounce/delivery_status.h"
#include "bounce/diagnosis.h"
#include "bounce/notice.h"

namespace todoku::bounce {

/// What a mail is, and what of it may be believed.
struct Recognised {
  Kind kind = Kind::other;
  bool use_status = false;    // its delivery-status parts speak for the mail
  bool only_if_read = false;  // a bounce only where the words say whose mail failed, and why
};

/// Whether the header alone lets a mail be a notice of some kind; of one that cannot be, the words need not be read. No
/// mail system, nor an automatic answer, comes without a mark of its own there.
[[nodiscard]] bool may_be_notice(const Notice& notice);

/// A feedback report on a mail that failed authentication (RFC 6591): of no reader's making, and no notice of a mail's
/// fate.
[[nodiscard]] bool reports_authentication(const Notice& notice);

/// It has a return path, returns nothing and does not call itself automatic: a postmaster's letter on bounces looks so,
/// and names nobody.
[[nodiscard]] bool may_be_letter(const Notice& notice);

/// A postmaster passes on a notice that is attached, and says nothing of any mail's fate himself.
[[nodiscard]] bool passes_on(const Notice& notice);

/// Weighs structure, sender, subject and words. A mail of a person is never a bounce, whatever it quotes or carries.
[[nodiscard]] Recognised recognise(const Notice& notice, const DeliveryStatus& status);

}  // namespace todoku::bounce
