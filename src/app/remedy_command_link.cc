// `todoku remedy link`: attachments sent as links that expire.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/phrase.h"
#include "app/remedy_command.h"
#include "app/remedy_command_form.h"
#include "base/clock.h"
#include "base/duration.h"
#include "remedy/links.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr base::Duration kLongest = std::chrono::days(366);

constexpr Phrase kUntil = {"ダウンロード期限: {}\n", "The files can be fetched until {}.\n"};
constexpr Phrase kServe = {"ダウンロードには、todoku serve(web)が {} で動いている必要があります。\n",
                           "todoku serve (web) has to run behind {} for them to be fetched.\n"};

struct Arguments {
  FormArguments form;
  std::string expires = "14d";
};

/// Where the links lead: as the campaign was made, else as it is set now.
std::string public_url(Context& context, const campaign::Campaign& campaign) {
  std::string url = campaign.sender.public_url;
  if (url.empty()) url = context.config().text("identity.public_url");
  while (url.ends_with('/')) url.pop_back();
  return url;
}

base::Result<base::Duration> parse_expiry(const std::string& text) {
  auto expires = base::parse_duration(text);
  if (!expires) return base::Error{expires.error().code, expires.error().message, expires.error().hint, "--expires"};
  if (*expires < std::chrono::hours(1) || *expires > kLongest) {
    return base::Error{base::ErrorCode::invalid, "links hold from 1h to 366d", "", "--expires"};
  }
  return expires;
}

struct Sent {
  remedy::Unreached unreached;
  std::vector<base::CampaignId> carried;
};

base::Result<void> carry_out(store::Connection& db, const FormSubject& subject, const remedy::LinksWanted& wanted,
                             bool dry_run, Sent& sent) {
  const base::Time now = base::SystemClock().now();
  if (auto files = remedy::attachments_of(db, subject.campaign); !files) return std::move(files).error();
  sent.unreached = remedy::unreached(db, subject.campaign.id, wanted.reasons, wanted.only, now);
  if (dry_run || sent.unreached.recipients.empty()) return base::done;
  const auto current = campaign::find(db, subject.campaign.id).value_or(subject.campaign);
  auto via = remedy::send_links(db, current, wanted, sent.unreached.recipients, now);
  if (!via) return std::move(via).error();
  sent.carried.push_back(*via);
  return base::done;
}

void print_json(const Arguments& arguments, const FormSubject& subject, const Sent& sent, base::Duration expires) {
  boost::json::array sent_as;
  for (const base::CampaignId id : sent.carried) sent_as.emplace_back(id.value);
  const boost::json::object object{{"campaign", subject.campaign.id.value},
                                   {"dry_run", arguments.form.dry_run},
                                   {"again", sent.unreached.recipients.size()},
                                   {"waiting", sent.unreached.waiting},
                                   {"not_mailable", sent.unreached.not_mailable},
                                   {"expires_in", expires.count() / 1000},
                                   {"sent_as", std::move(sent_as)}};
  fmt::print("{}\n", boost::json::serialize(object));
}

void link(Context& context, const Arguments& arguments) {
  remedy::LinksWanted wanted;
  const auto expires = parse_expiry(arguments.expires);
  if (!expires) return context.fail(expires.error(), 2);
  const auto subject = read_form(context, arguments.form, wanted.reasons);
  if (!subject) return context.fail(subject.error(), 2);
  wanted.reasons = subject->reasons;
  wanted.only = subject->only;
  wanted.valid = *expires;
  wanted.public_url = public_url(context, subject->campaign);
  wanted.language = mail_language(context);
  Sent sent;
  const auto done = in_one_transaction(
      context, [&](store::Connection& db) { return carry_out(db, *subject, wanted, arguments.form.dry_run, sent); });
  if (!done) return context.fail(done.error());
  if (arguments.form.format == "json") return print_json(arguments, *subject, sent, *expires);
  print_form_counts(context, static_cast<std::int64_t>(sent.unreached.recipients.size()), sent.unreached.waiting,
                    sent.unreached.not_mailable);
  if (!sent.carried.empty()) {
    fmt::print(fmt::runtime(kUntil.in(context.lang())), local_time(base::SystemClock().now() + *expires));
    fmt::print(fmt::runtime(kServe.in(context.lang())), wanted.public_url);
  }
  print_carried(context, sent.carried, arguments.form.dry_run);
}

}  // namespace

void add_remedy_link(CLI::App& remedy, Context& context) {
  CLI::App* command = remedy.add_subcommand(
      "link", "Send a mail whose attachments were too big again, with links to fetch them in their place");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  add_form_options(*command, arguments->form);
  command->add_option("--expires", arguments->expires, "How long the links hold; 14d without");
  command->callback([&context, arguments] { link(context, *arguments); });
}

}  // namespace todoku::app
