#include "app/intake_wiring.h"

#include "app/command.h"
#include "app/delivery_settings.h"
#include "base/clock.h"

namespace todoku::app {
namespace {

intake::IntakeOptions options_of(Context& context, IntakeWiring::Observe observe) {
  const std::string& replies = context.config().text("intake.replies");
  return {.replies = replies.empty() ? context.data / "replies" : std::filesystem::path(replies),
          .observe = std::move(observe)};
}

}  // namespace

IntakeWiring::IntakeWiring(Context& context, store::Store& store, std::unique_ptr<bounce::Rules> rules, Observe observe)
    : rules_(std::move(rules)),
      tokens_(tracking::load_tokens(store, base::SystemClock().now())),
      events_(audience::StopPolicy(stop_limits(context.config()))),
      intake_(store, tokens_, *rules_, events_, options_of(context, std::move(observe))) {}

base::Result<std::unique_ptr<IntakeWiring>> IntakeWiring::make(Context& context, store::Store& store, Observe observe) {
  auto rules = bounce::Rules::load(context.own_rules());
  if (!rules) return std::move(rules).error();
  return std::unique_ptr<IntakeWiring>(new IntakeWiring(context, store, *std::move(rules), std::move(observe)));
}

}  // namespace todoku::app
