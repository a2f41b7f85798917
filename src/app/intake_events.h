// What intake finds, handed on to whoever lives by it: the stop policy and the readers' refusals.
#pragma once
#include <optional>

#include "audience/stop_policy.h"
#include "intake/consequences.h"

namespace todoku::app {

class IntakeEvents final : public intake::Consequences {
 public:
  explicit IntakeEvents(audience::StopPolicy policy) : policy_(std::move(policy)) {}
  void record(store::Connection& db, std::span<const intake::Finding> findings) override;
  void refused(store::Connection& db, tracking::MailId mail, base::Time at) override;
  [[nodiscard]] std::optional<tracking::MailId> last_mail_to(store::Connection& db, std::string_view address,
                                                             base::Time before) override;
  [[nodiscard]] std::optional<tracking::MailId> mail_of(store::Connection& db, tracking::FeedbackId id,
                                                        std::string_view address) override;

 private:
  audience::StopPolicy policy_;
};

/// Nothing for a delay, which decides nothing.
[[nodiscard]] std::optional<audience::Event> event_of(const intake::Finding& finding);

}  // namespace todoku::app
