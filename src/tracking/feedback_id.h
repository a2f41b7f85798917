// Feedback-ID, which Gmail and others repeat in complaints and count them by: "campaign:customer:type:sender". Signed
// by nobody, so it tells which campaign a complaint is about, and proves nothing.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/id.h"

namespace todoku::tracking {

struct FeedbackId {
  base::CampaignId campaign;
  base::ListId list;
  friend bool operator==(const FeedbackId&, const FeedbackId&) = default;
};

/// The field's value. `sender`: 5 to 15 characters, as Gmail wants it.
[[nodiscard]] std::string feedback_id(FeedbackId id, std::string_view sender);

/// Of the first field of this name at the beginning of a line, quoted or not, whose value is one of ours; linear, and
/// only so many fields are looked at.
[[nodiscard]] std::optional<FeedbackId> find_feedback_id(std::string_view content);

}  // namespace todoku::tracking
