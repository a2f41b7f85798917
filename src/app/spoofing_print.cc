#include "app/spoofing_print.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <chrono>

#include "app/phrase.h"
#include "app/spoofing_words.h"

namespace todoku::app {
namespace {

namespace json = boost::json;
using namespace intake::spoofing;  // NOLINT(google-build-using-namespace): all of this file is about it

constexpr std::size_t kMostShown = 20;

std::string date_of(std::int64_t day) { return utc_time(base::from_stored(day * 86'400'000)).substr(0, 10); }

json::object volume_object(const Volume& volume) {
  return {{"mails", volume.mails},
          {"unaligned", volume.unaligned},
          {"quarantined", volume.quarantined},
          {"refused", volume.refused}};
}

json::object alert_object(const Alert& alert) {
  return {{"id", alert.id},       {"domain", alert.domain}, {"kind", alert.kind},       {"day", date_of(alert.day)},
          {"mails", alert.mails}, {"usual", alert.usual},   {"address", alert.address}, {"at", utc_time(alert.at)}};
}

}  // namespace

void PicturePrinter::print(const Picture& picture) const {
  fmt::print("{}\n", picture.domain);
  fmt::print("  {}: {} ({}: {}, {}: {})  {}: {}\n", Phrase{"DMARC レポート", "DMARC reports"}.in(language_),
             grouped(picture.reports), Phrase{"受信側", "receivers"}.in(language_), grouped(picture.receivers),
             Phrase{"日数", "days"}.in(language_), grouped(picture.report_days),
             Phrase{"ポリシー", "policy"}.in(language_),
             picture.policy.empty() ? "–" : fmt::format("p={}; pct={}", one_line(picture.policy), picture.percent));
  for (const Alert& alert : picture.alerts) print_alert(alert);
  print_volumes(picture);
  print_sources(picture);
  print_advice(picture);
  fmt::print("\n");
}

void PicturePrinter::print_alert(const Alert& alert) const {
  const bool passes = alert.kind == to_string(Origin::authorised);
  fmt::print("  {} {}  {}: {} ({}: {:.0f})  {}\n",
             passes ? Phrase{"警告: 未知の送信元からの急増", "ALERT: a leap from places unknown that pass as you"}.in(
                          language_)
                    : Phrase{"警告: なりすましの急増", "ALERT: a leap of mail in your name"}.in(language_),
             date_of(alert.day), Phrase{"通数", "mails"}.in(language_), grouped(alert.mails),
             Phrase{"通常", "usual"}.in(language_), alert.usual, alert.address);
}

void PicturePrinter::print_volumes(const Picture& picture) const {
  const auto line = [&](Origin origin, const Volume& volume) {
    if (volume.mails == 0) return;
    fmt::print("  {}: {}  {}: {}  {}: {}  {}: {}\n", origin_words(origin).in(language_), grouped(volume.mails),
               Phrase{"認証失敗", "not authenticated"}.in(language_), grouped(volume.unaligned),
               Phrase{"隔離", "quarantined"}.in(language_), grouped(volume.quarantined),
               Phrase{"拒否", "refused"}.in(language_), grouped(volume.refused));
  };
  line(Origin::own, picture.own);
  line(Origin::forwarded, picture.forwarded);
  line(Origin::authorised, picture.authorised);
  line(Origin::elsewhere, picture.elsewhere);
  if (picture.bounces + picture.complaints > 0) {
    fmt::print("  {}: {}  {}: {}\n",
               Phrase{"送っていないメールのエラー", "Bounces of mails that you did not send"}.in(language_),
               grouped(picture.bounces), Phrase{"同じく迷惑メール報告", "complaints about such"}.in(language_),
               grouped(picture.complaints));
  }
  if (picture.unproven > 0) {
    fmt::print("  {}: {}\n",
               Phrase{"差出人を確認できないレポートの通数 (集計外)",
                      "Mails in reports whose author nobody vouches for (not counted)"}
                   .in(language_),
               grouped(picture.unproven));
  }
  if (picture.reports == 0) return;
  const Refusal refusal = would_be_refused(picture);
  fmt::print("  {}: {}  {}: {}  {}: {}\n",
             Phrase{"p=reject なら拒否されていたメール", "p=reject would have refused"}.in(language_),
             grouped(refusal.mails), Phrase{"うち自社", "of these yours"}.in(language_), grouped(refusal.own),
             Phrase{"うち転送", "forwarded"}.in(language_), grouped(refusal.forwarded));
}

void PicturePrinter::print_sources(const Picture& picture) const {
  std::size_t shown = 0;
  for (const SourceLine& source : picture.sources) {
    if (++shown > kMostShown) break;
    const std::string address = source.address.empty()
                                    ? std::string(Phrase{"(不明・その他)", "(not known, or many)"}.in(language_))
                                    : source.address;
    fmt::print("    {:<22} {:>9}  {}  {} {}\n", address,
               grouped(source.volume.mails + source.bounces + source.complaints + source.unproven),
               origin_words(source.origin).in(language_), one_line(source.name), one_line(owner(source.address)));
  }
  if (picture.sources.size() > kMostShown) {
    fmt::print("    {}: {}\n",
               Phrase{"ほかの送信元 (--format json ですべて)", "More sources (all by --format json)"}.in(language_),
               grouped(static_cast<std::int64_t>(picture.sources.size() - kMostShown)));
  }
}

void PicturePrinter::print_advice(const Picture& picture) const {
  for (const Advice advice : advise(picture)) fmt::print("  → {}\n", advice_words(advice).in(language_));
}

json::object PicturePrinter::object(const Picture& picture) const {
  json::array sources, advice, alerts;
  for (const SourceLine& source : picture.sources) {
    json::object one = volume_object(source.volume);
    one["address"] = source.address;
    one["name"] = source.name;
    one["network"] = owner(source.address);
    one["origin"] = to_string(source.origin);
    one["bounces"] = source.bounces;
    one["complaints"] = source.complaints;
    one["unproven"] = source.unproven;
    one["last_day"] = date_of(source.last_day);
    sources.push_back(std::move(one));
  }
  for (const Advice each : advise(picture)) {
    advice.push_back(json::object{{"advice", to_string(each)}, {"text", advice_words(each).in(language_)}});
  }
  for (const Alert& alert : picture.alerts) alerts.push_back(alert_object(alert));
  const Refusal refusal = would_be_refused(picture);
  return {{"domain", picture.domain},
          {"days", picture.days},
          {"reports", picture.reports},
          {"receivers", picture.receivers},
          {"report_days", picture.report_days},
          {"policy", picture.policy},
          {"sub_policy", picture.sub_policy},
          {"percent", picture.percent},
          {"own", volume_object(picture.own)},
          {"forwarded", volume_object(picture.forwarded)},
          {"authorised", volume_object(picture.authorised)},
          {"elsewhere", volume_object(picture.elsewhere)},
          {"bounces", picture.bounces},
          {"complaints", picture.complaints},
          {"unproven", picture.unproven},
          {"would_be_refused",
           json::object{{"mails", refusal.mails}, {"own", refusal.own}, {"forwarded", refusal.forwarded}}},
          {"sources", std::move(sources)},
          {"alerts", std::move(alerts)},
          {"advice", std::move(advice)}};
}

}  // namespace todoku::app
