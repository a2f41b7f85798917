// A campaign's status for people and for programs.
#pragma once
#include <string>
#include <vector>

#include "bounce/explanation.h"
#include "campaign/status.h"
#include "remedy/resend.h"

namespace todoku::app {

/// Adds what came back later as bounces and complaints.
[[nodiscard]] campaign::Status with_late_bounces(store::Connection& db, campaign::Status status);

using Resends = std::vector<remedy::ResendCount>;

/// Counts, what was sent again, then each cause with why, who acts and what to do, in one language.
[[nodiscard]] std::string status_text(const campaign::Status& status, bounce::Language language,
                                      const Resends& resends = {});

/// One JSON object; its fields are described in docs/commands.md.
[[nodiscard]] std::string status_json(const campaign::Status& status, bounce::Language language,
                                      const Resends& resends = {});

}  // namespace todoku::app
