#include "app/remedy_command_form.h"

#include <fmt/format.h>

#include "app/phrase.h"
#include "app/remedy_command.h"
#include "audience/contact.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr Phrase kRecipients = {"送り直す読者", "readers to whom it is sent again"};
constexpr Phrase kWaiting = {"すでに送信待ちの読者", "readers to whom it waits already"};
constexpr Phrase kNotMailable = {"配信できない読者 (停止・解除)",
                                 "readers who may not be mailed (stopped, unsubscribed)"};
constexpr Phrase kNobody = {"この原因で届かなかったままの読者はいません。\n",
                            "There is nobody whom it failed to reach for that cause.\n"};
constexpr Phrase kCarried = {"配信 {}「{}」として送ります。\n", "It is sent as campaign {} \"{}\".\n"};
constexpr Phrase kDry = {"確認のみ。何も送りません。\n", "A look only; nothing is sent.\n"};

/// Gives the transaction up with an error that has been told by value.
struct GivenUp {
  Error error;
};

}  // namespace

void add_form_options(CLI::App& command, FormArguments& arguments) {
  command.add_option("campaign", arguments.campaign, "Name or number")->required();
  command.add_option("--to", arguments.to, "Only to this reader");
  command.add_option("--reason", arguments.reasons, "Those who failed for this cause; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--dry-run", arguments.dry_run, "Tell what would be sent, and send nothing");
  command.add_option("--format", arguments.format, "text or json")->check(CLI::IsMember({"text", "json"}));
}

base::Result<FormSubject> read_form(Context& context, const FormArguments& arguments,
                                    std::vector<bounce::Reason> reasons) {
  const store::Lease db = context.store().read();
  auto campaign = campaign::find(*db, arguments.campaign);
  if (!campaign) return std::move(campaign).error();
  FormSubject subject{*std::move(campaign), std::nullopt, std::move(reasons)};
  if (!arguments.to.empty()) {
    const auto contact = audience::find_contact(*db, arguments.to);
    if (!contact) return Error{ErrorCode::not_found, "there is no such contact", "", arguments.to};
    subject.only = contact->id;
  }
  if (!arguments.reasons.empty()) subject.reasons.clear();
  for (const std::string& word : arguments.reasons) {
    const auto reason = bounce::reason_of(word);
    if (!reason) {
      return Error{ErrorCode::invalid, "no such reason: " + word, "`todoku campaign status` shows those of a campaign",
                   "--reason"};
    }
    subject.reasons.push_back(*reason);
  }
  return subject;
}

std::string mail_language(const Context& context) { return context.language == "en" ? "en" : "ja"; }

base::Result<void> in_one_transaction(Context& context,
                                      const std::function<base::Result<void>(store::Connection&)>& work) {
  try {
    context.store().write_now([&](store::Connection& db) {
      if (auto done = work(db); !done) throw GivenUp{std::move(done).error()};
    });
  } catch (const GivenUp& given_up) {
    return given_up.error;
  }
  return base::done;
}

void print_form_counts(Context& context, std::int64_t recipients, std::int64_t waiting, std::int64_t not_mailable) {
  const auto language = context.lang();
  const auto line = [language](std::int64_t count, const Phrase& label) {
    if (count > 0) fmt::print("{:>12}  {}\n", grouped(count), label.in(language));
  };
  line(recipients, kRecipients);
  line(waiting, kWaiting);
  line(not_mailable, kNotMailable);
  if (recipients + waiting + not_mailable == 0) fmt::print("{}", kNobody.in(language));
}

void print_carried(Context& context, const std::vector<base::CampaignId>& carried, bool dry_run) {
  if (dry_run) return fmt::print("{}", kDry.in(context.lang()));
  for (const base::CampaignId id : carried) {
    const auto campaign = campaign::find(*context.store().read(), id);
    if (!campaign) continue;
    fmt::print(fmt::runtime(kCarried.in(context.lang())), id.value, campaign->name);
    say_who_sends(context, *campaign);
  }
}

}  // namespace todoku::app
