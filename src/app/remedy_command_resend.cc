// `todoku remedy resend`: a campaign's mail again to those whom it did not reach for one cause.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/remedy_command.h"
#include "base/clock.h"
#include "remedy/resend.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using remedy::ResendPlan;

constexpr Phrase kAgain = {"送り直す読者", "readers to whom it is sent again"};
constexpr Phrase kHastened = {"再送待ちから今すぐ送る読者", "readers who are tried now instead of later"};
constexpr Phrase kWaiting = {"すでに送信待ちの読者", "readers to whom it waits already"};
constexpr Phrase kNotMailable = {"配信できない読者 (停止・解除)",
                                 "readers who may not be mailed (stopped, unsubscribed)"};
constexpr Phrase kDry = {"確認のみ。何も送りません。\n", "A look only; nothing is sent.\n"};

struct Arguments {
  std::string campaign;
  std::string reason;
  remedy::ResendWanted wanted;
  bool dry_run = false;
  std::string format = "text";
};

void print_text(Context& context, const Arguments& arguments, const campaign::Campaign& campaign,
                const ResendPlan& plan) {
  const auto language = context.lang();
  const auto line = [language](std::int64_t count, const Phrase& label) {
    fmt::print("{:>12}  {}\n", grouped(count), label.in(language));
  };
  line(static_cast<std::int64_t>(plan.again.size()), kAgain);
  if (plan.hastened > 0) line(plan.hastened, kHastened);
  if (plan.waiting > 0) line(plan.waiting, kWaiting);
  if (plan.not_mailable > 0) line(plan.not_mailable, kNotMailable);
  if (arguments.dry_run) return fmt::print("{}", kDry.in(language));
  if (!plan.again.empty() || plan.hastened > 0) say_who_sends(context, campaign);
}

void print_json(const Arguments& arguments, const campaign::Campaign& campaign, const ResendPlan& plan) {
  const boost::json::object object{{"campaign", campaign.id.value},    {"reason", arguments.reason},
                                   {"dry_run", arguments.dry_run},     {"again", plan.again.size()},
                                   {"hastened", plan.hastened},        {"waiting", plan.waiting},
                                   {"not_mailable", plan.not_mailable}};
  fmt::print("{}\n", boost::json::serialize(object));
}

base::Result<ResendPlan> carry_out(Context& context, const Arguments& arguments, const campaign::Campaign& campaign) {
  const base::Time now = base::SystemClock().now();
  if (arguments.dry_run) return remedy::plan_resend(*context.store().read(), campaign.id, arguments.wanted, now);
  base::Result<ResendPlan> plan = ResendPlan{};
  context.store().write_now([&](store::Connection& db) {
    plan = remedy::plan_resend(db, campaign.id, arguments.wanted, now);
    if (!plan) return;
    // As it is inside this transaction: the daemon may have finished it just now.
    const auto current = campaign::find(db, campaign.id);
    if (auto done = remedy::resend(db, current.value_or(campaign), arguments.wanted, *plan, now); !done)
      plan = done.error();
  });
  return plan;
}

void resend(Context& context, Arguments& arguments) {
  const auto reason = bounce::reason_of(arguments.reason);
  if (!reason) {
    return context.fail({base::ErrorCode::invalid, "no such reason: " + arguments.reason,
                         "`todoku campaign status` shows those of a campaign", "--reason"},
                        2);
  }
  arguments.wanted.reason = *reason;
  const auto campaign = campaign::find(*context.store().read(), arguments.campaign);
  if (!campaign) return context.fail(campaign.error(), 2);
  const auto plan = carry_out(context, arguments, *campaign);
  if (!plan) return context.fail(plan.error());
  if (arguments.format == "json") return print_json(arguments, *campaign, *plan);
  print_text(context, arguments, *campaign, *plan);
}

}  // namespace

void add_remedy_resend(CLI::App& remedy, Context& context) {
  CLI::App* command = remedy.add_subcommand("resend", "Send a campaign's mail again to all who failed for one cause");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("campaign", arguments->campaign, "Name or number")->required();
  command->add_option("--reason", arguments->reason, "The cause, as mailbox_full")->required();
  command->add_option("--provider", arguments->wanted.provider, "Only this provider's readers, as gmail");
  command->add_option("--site", arguments->wanted.site, "Only readers of this domain");
  command->add_flag("--dry-run", arguments->dry_run, "Tell how many, and send nothing");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { resend(context, *arguments); });
}

}  // namespace todoku::app
