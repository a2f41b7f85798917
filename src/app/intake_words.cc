#include "app/intake_words.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "app/phrase.h"

namespace todoku::app {
namespace {

namespace json = boost::json;
using bounce::Language;

struct Word {
  std::string_view word;
  Phrase phrase;
};
constexpr auto kStates =
    std::to_array<Word>({{"joined", {"送信メールと照合済み", "about a mail of ours"}},
                         {"refusal", {"メールによる配信停止", "unsubscribed by mail"}},
                         {"reply", {"人からの返信", "a person's reply"}},
                         {"foreign", {"当方が送っていないメールについて", "about a mail that we did not send"}},
                         {"aside", {"自動返信", "an automatic answer"}},
                         {"report", {"DMARC レポート", "a DMARC report"}},
                         {"dead", {"読み取れず", "could not be read"}}});
constexpr auto kRoads = std::to_array<Word>({{"smtp", {"受信サーバー", "mail listener"}},
                                             {"mailbox", {"メールボックス", "mailbox"}},
                                             {"folder", {"フォルダー", "folder"}},
                                             {"pipe", {"パイプ", "pipe"}},
                                             {"webhook", {"Webhook", "webhook"}}});

template <std::size_t N>
std::string_view name_in(const std::array<Word, N>& words, std::string_view word, Language language) {
  const auto* found = std::ranges::find(words, word, &Word::word);
  return found == words.end() ? word : found->phrase.in(language);
}

json::object verdict_object(const intake::StoredVerdict& verdict) {
  json::object out{{"address", verdict.address},   {"reason", verdict.reason},         {"permanent", verdict.permanent},
                   {"status", verdict.status},     {"reply_code", verdict.reply_code}, {"remote_mta", verdict.remote},
                   {"provider", verdict.provider}, {"diagnostic", verdict.diagnostic}};
  if (const auto reason = bounce::reason_of(verdict.reason)) {
    out["effect"] = bounce::to_string(bounce::effect_of(*reason));
    out["who_acts"] = bounce::to_string(bounce::party_of(*reason));
  }
  return out;
}

}  // namespace

std::string_view state_name(std::string_view state, Language language) { return name_in(kStates, state, language); }
std::string_view road_name(std::string_view road, Language language) { return name_in(kRoads, road, language); }

std::string reason_name(std::string_view reason, Language language) {
  const auto known = bounce::reason_of(reason);
  return known ? bounce::explain(*known, language).name : std::string(reason);
}

json::object entry_object(store::Connection& db, const intake::Entry& entry) {
  json::array verdicts;
  for (const intake::StoredVerdict& verdict : intake::verdicts_of(db, entry.id)) {
    verdicts.push_back(verdict_object(verdict));
  }
  const auto id_or_null = [](std::int64_t id) { return id == 0 ? json::value(nullptr) : json::value(id); };
  return {{"id", entry.id},
          {"at", utc_time(entry.at)},
          {"road", entry.road},
          {"place", entry.place},
          {"state", entry.state},
          {"kind", entry.kind},
          {"format", entry.format},
          {"problem", entry.problem},
          {"found_by", entry.found_by},
          {"campaign", id_or_null(entry.campaign.value)},
          {"contact", id_or_null(entry.contact.value)},
          {"forged", entry.forged},
          {"sender", entry.sender},
          {"recipient", entry.recipient},
          {"peer", entry.peer},
          {"subject", entry.subject},
          {"size", entry.size},
          {"recipients", std::move(verdicts)}};
}

}  // namespace todoku::app
