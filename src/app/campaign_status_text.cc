#include "app/campaign_status_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "app/phrase.h"
#include "app/remedy_actions.h"
#include "intake/records.h"

namespace todoku::app {
namespace {

using bounce::Language;

constexpr std::array<Phrase, 5> kStates = {{{"下書き", "draft"},
                                            {"配信中", "sending"},
                                            {"一時停止中", "paused"},
                                            {"中止", "cancelled"},
                                            {"完了", "finished"}}};
constexpr Phrase kCampaign = {"配信「{}」: {}\n", "Campaign \"{}\": {}\n"};
constexpr Phrase kTimes = {"開始 {}、終了 {}\n", "started {}, ended {}\n"};
constexpr Phrase kRecipients = {"送信対象", "recipients"};
constexpr Phrase kDelivered = {"到達(相手のサーバーが受け取りました)", "delivered (accepted by the receiving server)"};
constexpr Phrase kBounced = {"うち、後から戻ってきたもの(エラーメール、迷惑メール報告)",
                             "of these, came back later (bounces, complaints)"};
constexpr Phrase kWaiting = {"送信待ち", "waiting for their turn"};
constexpr Phrase kDeferred = {"再送待ち", "deferred, to be tried again"};
constexpr Phrase kFailed = {"失敗", "failed"};
constexpr Phrase kSkipped = {"配信せず(停止・解除された読者)",
                             "not mailed (stopped or unsubscribed before their turn)"};
constexpr Phrase kCancelled = {"中止により未配信", "not sent, since the campaign was cancelled"};
constexpr Phrase kNext = {"次の再送: {}\n", "next attempt: {}\n"};
constexpr Phrase kResends = {"\n送り直し(上の件数に含まれます)\n", "\nSent again (counted above, too)\n"};
constexpr Phrase kResend = {"  {}  {}: {} 件 — 到達 {}、失敗 {}、配信せず {}、待ち {}\n",
                            "  {}  {}: {} — {} delivered, {} failed, {} not mailed, {} waiting\n"};
constexpr Phrase kCorrected = {"アドレス訂正", "address corrected"};
constexpr Phrase kVia = {" (配信 {})", " (campaign {})"};
constexpr Phrase kCauses = {"\n届かなかった原因と対処法\n", "\nWhy mail failed, and what to do\n"};
constexpr Phrase kFinally = {"失敗 {} 件", "{} failed"};
constexpr Phrase kAgain = {"再送待ち {} 件", "{} to be tried again"};
constexpr Phrase kLater = {"後から戻った {} 件", "{} came back later"};
constexpr Phrase kWhy = {"なぜ", "Why"};
constexpr Phrase kWho = {"対応する人", "Who acts"};
constexpr Phrase kWhat = {"対処法", "What to do"};
constexpr Phrase kExample = {"例", "Example"};
constexpr Phrase kTriedAgain = {
    "待っている分は自動で送り直します。原因を取り除くまで止める: todoku campaign pause {0}  取りやめる: todoku "
    "campaign cancel {0}",
    "Those that wait are tried again by themselves. Until the cause is removed: todoku campaign pause {0}; to give "
    "them "
    "up: todoku campaign cancel {0}"};
constexpr Phrase kOtherChannel = {"別の連絡先", "Other ways to reach them"};

void append_count(std::string& out, std::int64_t count, std::int64_t total, const Phrase& label, Language language) {
  out += fmt::format("{:>12}  {:>7}  {}\n", grouped(count), percent(count, total), label.in(language));
}

ActionSubject subject_of(const campaign::Campaign& campaign, const campaign::CauseCount& cause) {
  return {.campaign = std::to_string(campaign.id.value),
          .address = cause.example_address,
          .sender = campaign.sender.address};
}

void append_cause(std::string& out, const campaign::Campaign& campaign, const campaign::CauseCount& cause,
                  Language language) {
  const bounce::Reason reason = bounce::reason_of(cause.reason).value_or(bounce::Reason::unknown);
  const bounce::Explanation& words = bounce::explain(reason, language);
  std::string counts;
  if (cause.failed > 0) counts += fmt::format(fmt::runtime(kFinally.in(language)), grouped(cause.failed));
  if (cause.deferred > 0) {
    counts += counts.empty() ? "" : ", ";
    counts += fmt::format(fmt::runtime(kAgain.in(language)), grouped(cause.deferred));
  }
  if (cause.bounced > 0) {
    counts += counts.empty() ? "" : ", ";
    counts += fmt::format(fmt::runtime(kLater.in(language)), grouped(cause.bounced));
  }
  out += fmt::format("\n■ {}  {}\n", words.name, counts);
  out += fmt::format("  {}: {}\n", kWhy.in(language), words.why);
  out += fmt::format("  {}: {}\n", kWho.in(language), words.who);
  out += fmt::format("  {}: {}\n", kWhat.in(language), words.what);
  out += action_lines(reason, subject_of(campaign, cause), language, 4);
  const bounce::Effect effect = bounce::effect_of(reason);
  if (cause.deferred > 0 && (effect == bounce::Effect::message || effect == bounce::Effect::sender))
    out += fmt::format("    {}\n", fmt::format(fmt::runtime(kTriedAgain.in(language)), campaign.id.value));
  if (!cause.example_address.empty()) {
    out += fmt::format("  {}: {}  {}\n", kExample.in(language), one_line(cause.example_address),
                       one_line(cause.example_reply));
  }
  if (cause.example_contact && asks_by_another_channel(reason)) {
    const std::string channels = other_channels(*cause.example_contact);
    if (!channels.empty()) out += fmt::format("  {}: {}\n", kOtherChannel.in(language), channels);
  }
}

std::string resend_name(const remedy::ResendCount& resend, Language language) {
  const auto reason = bounce::reason_of(resend.cause);
  std::string name = reason ? bounce::explain(*reason, language).name : std::string(kCorrected.in(language));
  if (resend.via) name += fmt::format(fmt::runtime(kVia.in(language)), resend.via.value);
  return name;
}

void append_resends(std::string& out, const Resends& resends, Language language) {
  if (!resends.empty()) out += kResends.in(language);
  for (const remedy::ResendCount& r : resends) {
    out += fmt::format(fmt::runtime(kResend.in(language)), local_time(r.at), resend_name(r, language),
                       grouped(r.recipients), grouped(r.delivered), grouped(r.failed), grouped(r.skipped),
                       grouped(r.waiting));
  }
}

boost::json::array resends_json(const Resends& resends) {
  boost::json::array array;
  for (const remedy::ResendCount& r : resends) {
    array.push_back({{"at", utc_time(r.at)},
                     {"cause", r.cause},
                     {"via", r.via ? boost::json::value(r.via.value) : boost::json::value(nullptr)},
                     {"recipients", r.recipients},
                     {"delivered", r.delivered},
                     {"failed", r.failed},
                     {"skipped", r.skipped},
                     {"waiting", r.waiting}});
  }
  return array;
}

boost::json::array commands_json(const campaign::Campaign& campaign, const campaign::CauseCount& cause,
                                 bounce::Reason reason, Language language) {
  boost::json::array commands;
  for (const RemedyAction& one : actions_of(reason, subject_of(campaign, cause), language)) {
    commands.push_back({{"action", one.action}, {"label", one.label}, {"command", one.command}});
  }
  return commands;
}

boost::json::object example_json(const campaign::CauseCount& cause) {
  boost::json::object fields;
  if (cause.example_contact) {
    for (const auto& [name, value] : cause.example_contact->fields) fields[name] = value;
  }
  return {{"address", cause.example_address},
          {"reply", cause.example_reply},
          {"name", cause.example_contact ? cause.example_contact->name : ""},
          {"fields", std::move(fields)}};
}

boost::json::object cause_json(const campaign::Campaign& campaign, const campaign::CauseCount& cause,
                               Language language) {
  const bounce::Reason reason = bounce::reason_of(cause.reason).value_or(bounce::Reason::unknown);
  const bounce::Explanation& words = bounce::explain(reason, language);
  boost::json::array actions;
  for (const std::string& action : words.actions) actions.emplace_back(action);
  return {{"reason", cause.reason},
          {"name", words.name},
          {"effect", bounce::to_string(bounce::effect_of(reason))},
          {"who_acts", bounce::to_string(bounce::party_of(reason))},
          {"failed", cause.failed},
          {"deferred", cause.deferred},
          {"bounced", cause.bounced},
          {"why", words.why},
          {"who", words.who},
          {"what", words.what},
          {"actions", std::move(actions)},
          {"commands", commands_json(campaign, cause, reason, language)},
          {"example", example_json(cause)}};
}

boost::json::value time_json(const std::optional<base::Time>& time) {
  if (!time) return nullptr;
  return boost::json::string(utc_time(*time));
}

}  // namespace

campaign::Status with_late_bounces(store::Connection& db, campaign::Status status) {
  status.bounced = intake::late_readers(db, status.campaign.id);
  for (const intake::LateCount& late : intake::late_counts(db, status.campaign.id)) {
    const auto known = std::ranges::find(status.causes, late.reason, &campaign::CauseCount::reason);
    if (known != status.causes.end()) {
      known->bounced = late.readers;
      continue;
    }
    campaign::CauseCount cause;
    cause.reason = late.reason;
    cause.bounced = late.readers;
    cause.example_address = late.example.address;
    cause.example_reply = late.example.diagnostic;
    cause.example_contact = audience::find_contact(db, std::string_view(late.example.address));
    status.causes.push_back(std::move(cause));
  }
  return status;
}

std::string status_text(const campaign::Status& s, Language language, const Resends& resends) {
  std::string out = fmt::format(fmt::runtime(kCampaign.in(language)), s.campaign.name,
                                kStates[static_cast<std::size_t>(s.campaign.state)].in(language));
  if (s.campaign.started_at) {
    out += fmt::format(fmt::runtime(kTimes.in(language)), local_time(*s.campaign.started_at),
                       s.campaign.finished_at ? local_time(*s.campaign.finished_at) : "–");
  }
  append_count(out, s.total, s.total, kRecipients, language);
  append_count(out, s.delivered, s.total, kDelivered, language);
  if (s.bounced > 0) append_count(out, s.bounced, s.total, kBounced, language);
  append_count(out, s.waiting, s.total, kWaiting, language);
  append_count(out, s.deferred, s.total, kDeferred, language);
  append_count(out, s.failed, s.total, kFailed, language);
  if (s.skipped > 0) append_count(out, s.skipped, s.total, kSkipped, language);
  if (s.cancelled > 0) append_count(out, s.cancelled, s.total, kCancelled, language);
  if (s.next_attempt) out += fmt::format(fmt::runtime(kNext.in(language)), local_time(*s.next_attempt));
  append_resends(out, resends, language);
  if (!s.causes.empty()) out += kCauses.in(language);
  for (const campaign::CauseCount& cause : s.causes) append_cause(out, s.campaign, cause, language);
  return out;
}

std::string status_json(const campaign::Status& s, Language language, const Resends& resends) {
  boost::json::array causes;
  for (const campaign::CauseCount& cause : s.causes) causes.push_back(cause_json(s.campaign, cause, language));
  const boost::json::object object = {{"id", s.campaign.id.value},
                                      {"name", s.campaign.name},
                                      {"state", campaign::to_string(s.campaign.state)},
                                      {"created_at", utc_time(s.campaign.created_at)},
                                      {"started_at", time_json(s.campaign.started_at)},
                                      {"finished_at", time_json(s.campaign.finished_at)},
                                      {"total", s.total},
                                      {"delivered", s.delivered},
                                      {"bounced", s.bounced},
                                      {"waiting", s.waiting},
                                      {"deferred", s.deferred},
                                      {"failed", s.failed},
                                      {"skipped", s.skipped},
                                      {"cancelled", s.cancelled},
                                      {"next_attempt", time_json(s.next_attempt)},
                                      {"resends", resends_json(resends)},
                                      {"causes", std::move(causes)}};
  return boost::json::serialize(object);
}

}  // namespace todoku::app
