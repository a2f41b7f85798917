// A reader's own refusal, by a mail's link or header: state, suppression and an event with its cause, together.
#pragma once
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::audience {

enum class RefusalCause : std::uint8_t {
  one_click,  // List-Unsubscribe-Post, RFC 8058: the mail program's button
  page,       // the page behind the link, confirmed there
  mail,       // a mail to the address that List-Unsubscribe gives
};
[[nodiscard]] std::string_view to_string(RefusalCause cause);

struct Refusal {
  base::ContactId contact;
  base::CampaignId campaign;  // whose mail it came from
  RefusalCause cause = RefusalCause::page;
};

/// In the caller's transaction. False: the contact had refused before, or is gone; then nothing changes.
bool refuse_mail(store::Connection& db, const Refusal& refusal, base::Time now);

}  // namespace todoku::audience
