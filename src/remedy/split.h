// A mail whose attachments are too big, sent as several mails of the size that its receivers take.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "remedy/other_form.h"

namespace todoku::remedy {

/// What one mail adds to its size, in bytes on the way.
struct AttachmentSize {
  std::string path;        // in the template
  std::int64_t file = 0;   // of the file
  std::int64_t coded = 0;  // in the mail
};

using Parts = std::vector<std::vector<std::string>>;

/// The attachments in their order, as few parts as that takes with `room` bytes each. Errors: `limit`, where one alone
/// does not fit; `where` names it.
[[nodiscard]] base::Result<Parts> pack(const std::vector<AttachmentSize>& attachments, std::int64_t room);

struct SplitWanted {
  std::vector<bounce::Reason> reasons{bounce::Reason::message_too_big, bounce::Reason::recipient_size_limit};
  std::optional<base::ContactId> only = {};
  std::optional<std::int64_t> limit = {};  // bytes of a mail; none: what the receivers said
  std::string language = "ja";             // of "part n of m"
};

/// Recipients who get the same parts.
struct SplitGroup {
  Parts parts;
  std::int64_t limit = 0;  // the smallest of theirs
  bool guessed = false;    // none of them said a limit
  std::vector<Recipient> recipients;
};

/// Recipients for whom one attachment alone is too big, or the mail even without any.
struct Unsplittable {
  std::string file;  // empty: the text and its images
  std::int64_t size = 0;
  std::int64_t limit = 0;
  std::int64_t recipients = 0;
};

struct SplitPlan {
  std::vector<SplitGroup> groups;
  std::vector<Unsplittable> unsplittable;
  std::int64_t fits = 0;  // recipients whose limit is no smaller than the whole mail: to be sent again as it is
  std::int64_t waiting = 0;
  std::int64_t not_mailable = 0;
};

/// Changes nothing. Errors: `invalid` where the mail has no attachments, or is too big without them.
[[nodiscard]] base::Result<SplitPlan> plan_split(store::Connection& db, const campaign::Campaign& campaign,
                                                 const SplitWanted& wanted, base::Time now);

/// Does what the plan of this transaction says; the campaigns that carry the parts. Errors: send_in_other_form()'s.
[[nodiscard]] base::Result<std::vector<base::CampaignId>> split(store::Connection& db,
                                                                const campaign::Campaign& campaign,
                                                                const SplitWanted& wanted, const SplitPlan& plan,
                                                                base::Time now);

}  // namespace todoku::remedy
