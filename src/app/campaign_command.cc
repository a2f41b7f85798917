// `todoku campaign`: make, send, watch and stop mailings.
#include <fmt/format.h>

#include <CLI/App.hpp>

#include "app/campaign_making.h"
#include "app/campaign_status_text.h"
#include "app/command.h"
#include "app/commands.h"
#include "app/name_check.h"
#include "app/phrase.h"
#include "app/sending.h"
#include "app/sending_progress.h"
#include "app/sending_watch.h"
#include "app/serve/daemon_lock.h"
#include "app/signing_check.h"
#include "app/virus_check.h"
#include "base/clock.h"
#include "campaign/campaign.h"
#include "campaign/status.h"
#include "queue/control.h"
#include "store/store.h"
#include "store/time.h"

namespace todoku::app {
namespace {

/// What the sub-commands share: a campaign's name or number, and how to print.
struct Choice {
  std::string name;
  bool json = false;
  bool wait = true;
};

constexpr Phrase kHandedOver = {
    "配信を始めました(todoku serve、{} が送信します)。進み具合は campaign status で分かります。\n",
    "Handed over: todoku serve ({}) sends it. `todoku campaign status` tells how far it is.\n"};

campaign::Campaign find_or_stop(Context& context, const std::string& name) {
  auto found = campaign::find(*context.store().read(), name);
  if (!found) {
    context.fail(found.error());
    throw Stop{};
  }
  return *std::move(found);
}

void print_status(Context& context, const Choice& choice) {
  const store::Lease db = context.store().read();
  auto found = campaign::find(*db, choice.name);
  if (!found) return context.fail(found.error());
  const campaign::Status status = with_late_bounces(*db, campaign::status_of(*db, *found));
  const Resends resends = remedy::resends_of(*db, found->id);
  fmt::print("{}", choice.json ? status_json(status, context.lang(), resends) + "\n"
                               : status_text(status, context.lang(), resends));
}

/// Marks the campaign as being sent; the running `todoku serve` takes it from there within a second.
void hand_over(Context& context, const Choice& choice, const std::string& daemon) {
  const campaign::Campaign wanted = find_or_stop(context, choice.name);
  if (!is_free_of_viruses(context, wanted)) return;
  base::Result<void> started = base::done;
  context.store().write_now([&](store::Connection& db) { started = campaign::start(db, wanted, store::time_of(db)); });
  if (!started) return context.fail(started.error());
  check_signing(context, wanted);
  check_names(context);
  if (choice.wait) {
    watch_sending(context, wanted.id, daemon);
  } else {
    fmt::print("{}", fmt::format(fmt::runtime(kHandedOver.in(context.lang())), daemon));
  }
}

void send(Context& context, const Choice& choice) {
  if (const auto daemon = serving(context.data)) return hand_over(context, choice, *daemon);
  store::Store& store = context.exclusive_store();
  const campaign::Campaign wanted = find_or_stop(context, choice.name);
  if (!is_free_of_viruses(context, wanted)) return;
  base::Result<void> started = base::done;
  store.write_now([&](store::Connection& db) { started = campaign::start(db, wanted, store::time_of(db)); });
  if (!started) return context.fail(started.error());
  check_signing(context, wanted);
  check_names(context);
  Sending sending(context, store);
  SendingProgress progress(context.lang());
  const Sending::End end = sending.run(wanted.id, [&progress](const campaign::Status& s) { progress.show(s); });
  progress.finish(campaign::status_of(*store.read(), find_or_stop(context, choice.name)), end);
  if (end == Sending::End::interrupted) context.exit_status = 130;
}

/// Whoever was not served gets the outcome `cancelled`, a few batches at a time.
void settle_cancelled(store::Store& store) {
  std::int64_t settled = 1;
  while (settled > 0) {
    store.write_now([&](store::Connection& db) { settled = queue::settle_cancelled(db, base::SystemClock().now()); });
  }
}

using Change = base::Result<void> (*)(store::Connection&, const campaign::Campaign&);

void change(Context& context, const Choice& choice, Change apply) {
  const campaign::Campaign wanted = find_or_stop(context, choice.name);
  base::Result<void> result = base::done;
  context.store().write_now([&](store::Connection& db) { result = apply(db, wanted); });
  if (!result) return context.fail(result.error());
  print_status(context, choice);
}

base::Result<void> cancel_now(store::Connection& db, const campaign::Campaign& campaign) {
  return campaign::cancel(db, campaign, base::SystemClock().now());
}

void cancel(Context& context, const Choice& choice) {
  change(context, choice, cancel_now);
  if (context.exit_status == 0) settle_cancelled(context.store());
}

void print_list(Context& context) {
  for (const campaign::Campaign& c : campaign::campaigns(*context.store().read())) {
    fmt::print("{}\t{}\t{}\t{}\n", c.id.value, campaign::to_string(c.state), grouped(c.total), c.name);
  }
}

void add_create(CLI::App& group, Context& context) {
  auto wanted = std::make_shared<CampaignWanted>();  // shared with the callback
  CLI::App* command = group.add_subcommand("create", "Make a campaign from a list and a template");
  command->add_option("--name", wanted->name, "The campaign's name")->required();
  command->add_option("--list", wanted->list, "Whom to send to")->required();
  command->add_option("--template", wanted->path, "Folder or file of the mail's text")->required();
  command->add_option("--from", wanted->from, "Sender: 'Name <address>'")->required();
  command->add_option("--attach", wanted->attachments, "A file to attach; may be repeated")->allow_extra_args(false);
  command->add_option("--reply-to", wanted->reply_to, "Where answers go; else the sender's address");
  command->add_option("--postal-address", wanted->postal_address, "For the legal footer; else legal.postal_address");
  command->add_option("--contact", wanted->contact, "For the legal footer; else legal.contact");
  command->callback([&context, wanted] { make_campaign(context, *wanted); });
}

CLI::App* add_on_one(CLI::App& group, const std::string& verb, const std::string& help,
                     const std::shared_ptr<Choice>& choice) {
  CLI::App* command = group.add_subcommand(verb, help);
  command->add_option("campaign", choice->name, "Name or number")->required();
  return command;
}

void add_changes(CLI::App& group, Context& context) {
  auto choice = std::make_shared<Choice>();  // shared with the callbacks
  for (const auto& [verb, help] :
       {std::pair("send", "Send it, or go on where it was"), {"resume", "Go on with a paused campaign"}}) {
    CLI::App* command = add_on_one(group, verb, std::string(help) + ", until every reader has a final outcome", choice);
    command->add_flag("!--no-wait", choice->wait, "Only hand it to the todoku serve that runs on this data folder");
    command->callback([&context, choice] { send(context, *choice); });
  }
  add_on_one(group, "pause", "Stop sending for now", choice)->callback([&context, choice] {
    change(context, *choice, campaign::pause);
  });
  add_on_one(group, "cancel", "Stop sending for good", choice)->callback([&context, choice] {
    cancel(context, *choice);
  });
}

}  // namespace

void add_campaign(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("campaign", "Make, send and watch campaigns");
  group->require_subcommand(1);
  add_create(*group, context);
  add_changes(*group, context);
  auto choice = std::make_shared<Choice>();  // shared with the callback
  CLI::App* status = add_on_one(*group, "status", "What was sent, what waits, what failed and what to do", choice);
  status
      ->add_option_function<std::string>(
          "--format", [choice](const std::string& format) { choice->json = format == "json"; }, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  status->callback([&context, choice] { print_status(context, *choice); });
  group->add_subcommand("list", "Every campaign: number, state, readers, name")->callback([&context] {
    print_list(context);
  });
}

}  // namespace todoku::app
