// `todoku remedy reflow`: a mail in short lines, to those whose server found its lines too long; or any mail in a file.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "app/phrase.h"
#include "app/remedy_command.h"
#include "app/remedy_command_form.h"
#include "base/clock.h"
#include "mail/reflow.h"
#include "mail/transfer_encoding.h"
#include "remedy/other_form.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kLargest = std::size_t{100} << 20;

struct Arguments {
  FormArguments form;
  std::string file;
  std::size_t limit = mail::kShortestLimit;
};

/// The mail of a file ("-": standard input), on standard output.
base::Result<void> reflow_file(const Arguments& arguments) {
  const bool standard = arguments.file == "-";
  std::ifstream in(standard ? "/dev/stdin" : arguments.file, std::ios::binary);
  std::string text;
  for (char buffer[65536]; in.read(buffer, sizeof buffer) || in.gcount() > 0;) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLargest) return Error{ErrorCode::limit, "the mail is larger than 100 MB", "", arguments.file};
  }
  if (in.bad() || (text.empty() && !in.eof())) {
    return Error{ErrorCode::io, "cannot be read", "check the path and its rights", arguments.file};
  }
  std::string mail;
  mail::append_crlf(mail, text);
  const auto made = mail::reflow(mail, arguments.limit);
  if (!made) return Error{made.error().code, made.error().message, made.error().hint, arguments.file};
  std::fwrite(made->data(), 1, made->size(), stdout);
  return base::done;
}

struct Sent {
  remedy::Unreached unreached;
  std::vector<base::CampaignId> carried;
};

base::Result<void> carry_out(store::Connection& db, const FormSubject& subject, bool dry_run, Sent& sent) {
  const base::Time now = base::SystemClock().now();
  sent.unreached = remedy::unreached(db, subject.campaign.id, subject.reasons, subject.only, now);
  if (dry_run || sent.unreached.recipients.empty()) return base::done;
  const auto current = campaign::find(db, subject.campaign.id).value_or(subject.campaign);
  const remedy::OtherForm form{
      .variant = {.original = current.id, .kind = campaign::VariantKind::reflow, .expires_at = {}},
      .cause = bounce::to_string(subject.reasons.front()),
      .public_url = current.sender.public_url};
  auto via = remedy::send_in_other_form(db, current, form, sent.unreached.recipients, now);
  if (!via) return std::move(via).error();
  sent.carried.push_back(*via);
  return base::done;
}

void print_json(const Arguments& arguments, const FormSubject& subject, const Sent& sent) {
  boost::json::array sent_as;
  for (const base::CampaignId id : sent.carried) sent_as.emplace_back(id.value);
  const boost::json::object object{{"campaign", subject.campaign.id.value},       {"dry_run", arguments.form.dry_run},
                                   {"again", sent.unreached.recipients.size()},   {"waiting", sent.unreached.waiting},
                                   {"not_mailable", sent.unreached.not_mailable}, {"sent_as", std::move(sent_as)}};
  fmt::print("{}\n", boost::json::serialize(object));
}

void reflow(Context& context, const Arguments& arguments) {
  if (!arguments.file.empty()) {
    if (const auto done = reflow_file(arguments); !done) context.fail(done.error());
    return;
  }
  if (arguments.form.campaign.empty()) {
    return context.fail({ErrorCode::invalid, "whose mail is not said", "give a campaign, or --file MAIL", ""}, 2);
  }
  const auto subject = read_form(context, arguments.form, {bounce::Reason::line_too_long});
  if (!subject) return context.fail(subject.error(), 2);
  Sent sent;
  const auto done = in_one_transaction(
      context, [&](store::Connection& db) { return carry_out(db, *subject, arguments.form.dry_run, sent); });
  if (!done) return context.fail(done.error());
  if (arguments.form.format == "json") return print_json(arguments, *subject, sent);
  print_form_counts(context, static_cast<std::int64_t>(sent.unreached.recipients.size()), sent.unreached.waiting,
                    sent.unreached.not_mailable);
  print_carried(context, sent.carried, arguments.form.dry_run);
}

}  // namespace

void add_remedy_reflow(CLI::App& remedy, Context& context) {
  CLI::App* command =
      remedy.add_subcommand("reflow", "Send a mail whose lines were too long again, in lines of at most 78");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  add_form_options(*command, arguments->form);
  command->get_option("campaign")->required(false);
  command->add_option("--file", arguments->file,
                      "Instead: reflow the mail in this file (-: standard input), and print it");
  command->add_option("--limit", arguments->limit, "Longest line of --file; 78 without")->check(CLI::Range(78, 998));
  command->callback([&context, arguments] { reflow(context, *arguments); });
}

}  // namespace todoku::app
