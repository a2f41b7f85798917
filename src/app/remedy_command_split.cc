// `todoku remedy split`: a mail whose attachments are too big, as several mails.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/phrase.h"
#include "app/remedy_command.h"
#include "app/remedy_command_form.h"
#include "base/clock.h"
#include "remedy/split.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using bounce::Language;
using remedy::SplitPlan;

constexpr Phrase kGroup = {"{} 人へ {} 通に分けて送ります(1通の上限 {} バイト{})\n",
                           "{} readers get it in {} parts (at most {} bytes each{})\n"};
constexpr Phrase kGuessed = {"、受信側の上限が不明のため推定", "; a guess, since no server told its limit"};
constexpr Phrase kPart = {"  {}通目: {}\n", "  part {}: {}\n"};
constexpr Phrase kTooBig = {
    "{} 人分は分割できません: {}({} バイト)だけで、1通の上限 {} バイトを超えます。\n"
    "  ダウンロード用のリンクで送れます: todoku remedy link {}\n",
    "For {} readers it cannot be split: {} ({} bytes) alone is above the {} bytes that one mail may have.\n"
    "  It can be sent as a download link: todoku remedy link {}\n"};
constexpr Phrase kBareTooBig = {
    "{} 人分は分割できません: 添付ファイルを除いても、1通の上限 {} "
    "バイトを超えます。本文の画像を小さくしてください。\n",
    "For {} readers it cannot be split: even without attachments it is above the {} bytes that one mail may have. Make "
    "its "
    "images smaller.\n"};
constexpr Phrase kFits = {
    "{} 人の受信側の上限には収まっています。そのまま送り直せます: todoku remedy resend {} --reason {}\n",
    "For {} readers it is within the limit; it can be sent again as it is: todoku remedy resend {} "
    "--reason {}\n"};

struct Arguments {
  FormArguments form;
  std::int64_t limit = 0;
};

std::string name_of(const std::string& path) { return one_line(path.substr(path.rfind('/') + 1)); }

std::int64_t recipients_of(const SplitPlan& plan) {
  std::int64_t count = 0;
  for (const remedy::SplitGroup& group : plan.groups) count += static_cast<std::int64_t>(group.recipients.size());
  return count;
}

void print_group(const remedy::SplitGroup& group, Language language) {
  fmt::print(fmt::runtime(kGroup.in(language)), grouped(static_cast<std::int64_t>(group.recipients.size())),
             group.parts.size(), grouped(group.limit), group.guessed ? kGuessed.in(language) : "");
  for (std::size_t i = 0; i < group.parts.size(); ++i) {
    std::string names;
    for (const std::string& path : group.parts[i]) names += (names.empty() ? "" : ", ") + name_of(path);
    fmt::print(fmt::runtime(kPart.in(language)), i + 1, names);
  }
}

void print_text(Context& context, const FormSubject& subject, const SplitPlan& plan) {
  const Language language = context.lang();
  const std::int64_t others = plan.fits + static_cast<std::int64_t>(plan.unsplittable.size());
  if (recipients_of(plan) > 0 || others == 0) {
    print_form_counts(context, recipients_of(plan), plan.waiting, plan.not_mailable);
  }
  for (const remedy::SplitGroup& group : plan.groups) print_group(group, language);
  for (const remedy::Unsplittable& one : plan.unsplittable) {
    if (one.file.empty()) {
      fmt::print(fmt::runtime(kBareTooBig.in(language)), grouped(one.recipients), grouped(one.limit));
    } else {
      fmt::print(fmt::runtime(kTooBig.in(language)), grouped(one.recipients), one_line(one.file), grouped(one.size),
                 grouped(one.limit), subject.campaign.id.value);
    }
  }
  if (plan.fits > 0) {
    fmt::print(fmt::runtime(kFits.in(language)), grouped(plan.fits), subject.campaign.id.value,
               bounce::to_string(subject.reasons.front()));
  }
}

boost::json::array groups_json(const SplitPlan& plan) {
  boost::json::array groups;
  for (const remedy::SplitGroup& group : plan.groups) {
    boost::json::array parts;
    for (const auto& part : group.parts) {
      boost::json::array names;
      for (const std::string& path : part) names.emplace_back(path.substr(path.rfind('/') + 1));
      parts.push_back(std::move(names));
    }
    groups.push_back({{"recipients", group.recipients.size()},
                      {"limit", group.limit},
                      {"guessed", group.guessed},
                      {"parts", std::move(parts)}});
  }
  return groups;
}

void print_json(const Arguments& arguments, const FormSubject& subject, const SplitPlan& plan,
                const std::vector<base::CampaignId>& carried) {
  boost::json::array unsplittable;
  for (const remedy::Unsplittable& one : plan.unsplittable) {
    unsplittable.push_back(
        {{"file", one.file}, {"size", one.size}, {"limit", one.limit}, {"recipients", one.recipients}});
  }
  boost::json::array sent_as;
  for (const base::CampaignId id : carried) sent_as.emplace_back(id.value);
  const boost::json::object object{{"campaign", subject.campaign.id.value},
                                   {"dry_run", arguments.form.dry_run},
                                   {"groups", groups_json(plan)},
                                   {"unsplittable", std::move(unsplittable)},
                                   {"fits", plan.fits},
                                   {"waiting", plan.waiting},
                                   {"not_mailable", plan.not_mailable},
                                   {"sent_as", std::move(sent_as)}};
  fmt::print("{}\n", boost::json::serialize(object));
}

void split(Context& context, const Arguments& arguments) {
  remedy::SplitWanted wanted;
  const auto subject = read_form(context, arguments.form, wanted.reasons);
  if (!subject) return context.fail(subject.error(), 2);
  wanted.reasons = subject->reasons;
  wanted.only = subject->only;
  wanted.language = mail_language(context);
  if (arguments.limit > 0) wanted.limit = arguments.limit;
  const base::Time now = base::SystemClock().now();
  SplitPlan plan;
  std::vector<base::CampaignId> carried;
  const auto done = in_one_transaction(context, [&](store::Connection& db) -> base::Result<void> {
    auto planned = remedy::plan_split(db, subject->campaign, wanted, now);
    if (!planned) return std::move(planned).error();
    plan = *std::move(planned);
    if (arguments.form.dry_run) return base::done;
    const auto current = campaign::find(db, subject->campaign.id).value_or(subject->campaign);
    auto sent = remedy::split(db, current, wanted, plan, now);
    if (!sent) return std::move(sent).error();
    carried = *std::move(sent);
    return base::done;
  });
  if (!done) return context.fail(done.error());
  if (plan.groups.empty() && !plan.unsplittable.empty()) context.exit_status = 1;
  if (arguments.form.format == "json") return print_json(arguments, *subject, plan, carried);
  print_text(context, *subject, plan);
  print_carried(context, carried, arguments.form.dry_run);
}

}  // namespace

void add_remedy_split(CLI::App& remedy, Context& context) {
  CLI::App* command =
      remedy.add_subcommand("split", "Send a mail whose attachments were too big again, in several parts");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  add_form_options(*command, arguments->form);
  command->add_option("--limit", arguments->limit, "Largest mail (10M, 500k); else what the receiving servers said")
      ->transform(CLI::AsSizeValue(false))
      ->check(CLI::PositiveNumber);
  command->callback([&context, arguments] { split(context, *arguments); });
}

}  // namespace todoku::app
