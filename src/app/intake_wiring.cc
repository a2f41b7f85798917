#include "app/intake_wiring.h"

#include "app/command.h"
#include "app/delivery_settings.h"
#include "app/spoofing_settings.h"
#include "base/clock.h"

namespace todoku::app {
namespace {

base::Result<intake::IntakeOptions> options_of(Context& context, IntakeWiring::Observe observe) {
  auto own = own_sources(context.config());
  if (!own) return std::move(own).error();
  const std::string& replies = context.config().text("intake.replies");
  return intake::IntakeOptions{.replies = replies.empty() ? context.data / "replies" : std::filesystem::path(replies),
                               .own_sources = *std::move(own),
                               .observe = std::move(observe)};
}

intake::IntakeOptions with_keys(intake::IntakeOptions options, DkimQuestions& questions) {
  options.keys = [&questions](const std::string& name) { return questions.ask(name); };
  return options;
}

}  // namespace

IntakeWiring::IntakeWiring(Context& context, store::Store& store, std::unique_ptr<bounce::Rules> rules,
                           intake::IntakeOptions options)
    : rules_(std::move(rules)),
      tokens_([&store] { return tracking::load_tokens(store, base::SystemClock().now()); }),
      events_(audience::StopPolicy(stop_limits(context.config()))),
      keys_(resolver_options(context.config())),
      intake_(store, tokens_, *rules_, events_, with_keys(std::move(options), keys_)) {}

base::Result<std::unique_ptr<IntakeWiring>> IntakeWiring::make(Context& context, store::Store& store, Observe observe) {
  auto rules = bounce::Rules::load(context.own_rules());
  if (!rules) return std::move(rules).error();
  auto options = options_of(context, std::move(observe));
  if (!options) return std::move(options).error();
  return std::unique_ptr<IntakeWiring>(new IntakeWiring(context, store, *std::move(rules), *std::move(options)));
}

}  // namespace todoku::app
