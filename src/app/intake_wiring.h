// The parts of intake put together, for the daemon and for the pipe.
#pragma once
#include <memory>

#include "app/dkim_questions.h"
#include "app/intake_events.h"
#include "base/result.h"
#include "bounce/rules.h"
#include "intake/intake.h"
#include "tracking/current_tokens.h"

namespace todoku::app {

class Context;

class IntakeWiring {
 public:
  using Observe = std::function<void(intake::Road, intake::State, bounce::Kind)>;
  /// All live longer. Errors: an own rule that is wrong.
  [[nodiscard]] static base::Result<std::unique_ptr<IntakeWiring>> make(Context& context, store::Store& store,
                                                                        Observe observe = {});

  [[nodiscard]] intake::Intake& intake() { return intake_; }
  [[nodiscard]] const bounce::Rules& rules() const { return *rules_; }

 private:
  IntakeWiring(Context& context, store::Store& store, std::unique_ptr<bounce::Rules> rules,
               intake::IntakeOptions options);

  std::unique_ptr<bounce::Rules> rules_;
  tracking::CurrentTokens tokens_;
  IntakeEvents events_;
  DkimQuestions keys_;
  intake::Intake intake_;
};

}  // namespace todoku::app
