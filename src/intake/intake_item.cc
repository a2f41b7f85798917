#include "intake/intake_item.h"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/gzip.h"
#include "intake/spoofing/dmarc_mail.h"
#include "intake/spoofing/report_author.h"
#include "mail/mime_reader_header.h"

namespace todoku::intake {
namespace {

using bounce::Kind;

constexpr std::size_t kMostFields = 200;
constexpr std::size_t kMostSubject = 300;
constexpr const char* kNothingReported = "a mail system wrote this, but it reports nothing that could be read";

bool is_notice(Kind kind) {
  return kind == Kind::bounce || kind == Kind::delay || kind == Kind::delivered || kind == Kind::complaint;
}

/// Of a mail system by its own account: so it meant to tell something, whether or not we can read it.
bool is_of_a_system(const Arrival& arrival, std::span<const mail::RawField> fields) {
  if (arrival.road == Road::smtp && arrival.sender.empty()) return true;
  if (base::trim(mail::find_field(fields, "Return-Path")) == "<>") return true;
  const std::string_view from = mail::find_field(fields, "From");
  constexpr auto kSystems = std::to_array<std::string_view>({"mailer-daemon@", "postmaster@"});
  return std::ranges::any_of(
      kSystems, [&](std::string_view name) { return base::ascii_lower(from).find(name) != std::string::npos; });
}

State state_of_other(const Intake::Item& item, const Arrival& arrival, std::span<const mail::RawField> fields) {
  if (item.trace.refusal) return State::refusal;
  if (item.trace.forged) return State::foreign;
  if (arrival.content.empty() && !arrival.lacking.empty()) return State::dead;
  return is_of_a_system(arrival, fields) ? State::dead : State::reply;
}

State state_of(const Intake::Item& item, const Arrival& arrival, std::span<const mail::RawField> fields) {
  const Kind kind = item.report.kind;
  if (is_notice(kind)) return item.trace.mail ? State::joined : State::foreign;
  return kind == Kind::auto_reply ? State::aside : state_of_other(item, arrival, fields);
}

void trace(Intake::Item& item, const tracking::Tokens& tokens, std::string_view content) {
  if (item.trace.mail || item.report.kind == Kind::other) return;
  const bool forged = item.trace.forged;
  item.trace = trace_original(tokens, item.report.original, content);
  item.trace.forged = forged;
  if (!item.trace.mail && is_notice(item.report.kind)) item.feedback_id = tracking::find_feedback_id(content);
}

/// A report may look like an automatic answer, or like nothing at all.
void read_reports(Intake::Item& item, std::string_view content, const authentication::DkimKeyLookup& keys) {
  if (item.report.kind != Kind::other && item.report.kind != Kind::auto_reply) return;
  auto found = spoofing::read_dmarc_mail(content);
  if (!found) return;
  item.report = {};
  item.report.format = "dmarc";
  item.state = found->reports.empty() ? State::dead : State::report;
  item.problem = std::move(found->problem);
  item.dmarc = std::move(found->reports);
  if (item.state == State::report) item.author = spoofing::proven_author(content, item.at, keys);
}

void read_sighting(Intake::Item& item, const Arrival& arrival) {
  if (item.state != State::foreign) return;
  const bool complaint = item.report.kind == Kind::complaint;
  item.sighting = spoofing::read_sighting(arrival.content, arrival.recipient, complaint, item.trace.forged);
}

}  // namespace

std::string item_key(std::initializer_list<std::string_view> parts) {
  constexpr std::size_t kSize = 16;
  std::array<unsigned char, kSize> hash{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, kSize);
  for (const std::string_view part : parts) {
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>("\0"), 1);
  }
  crypto_generichash_final(&state, hash.data(), kSize);
  return {reinterpret_cast<const char*>(hash.data()), kSize};
}

std::string packed(std::string_view content, std::size_t limit) { return base::gzip(content.substr(0, limit)); }

Intake::Item read_arrival(const Arrival& arrival, const bounce::Analyser& analyser, const tracking::Tokens& tokens,
                          const IntakeOptions& options) {
  std::vector<mail::RawField> fields;
  mail::read_fields(arrival.content, fields, kMostFields);
  Intake::Item item;
  // One text to two return paths is two bounces, however bare.
  item.key = arrival.identity.empty() ? item_key({arrival.recipient, arrival.content})
                                      : item_key({to_string(arrival.road), arrival.place, arrival.identity});
  item.road = arrival.road;
  item.place = arrival.place;
  item.identity = arrival.identity;
  item.at = arrival.at;
  item.report = analyser.analyse(arrival.content);
  item.trace = trace_recipient(tokens, arrival);
  trace(item, tokens, arrival.content);
  item.state = state_of(item, arrival, fields);
  if (item.state == State::dead) item.problem = arrival.lacking.empty() ? kNothingReported : arrival.lacking;
  read_reports(item, arrival.content, options.keys);
  read_sighting(item, arrival);
  item.sender = arrival.sender;
  item.recipient = arrival.recipient;
  item.peer = arrival.peer;
  item.subject = mail::decoded_header(mail::find_field(fields, "Subject")).substr(0, kMostSubject);
  item.size = arrival.content.size();
  if (item.state != State::reply) item.original = packed(arrival.content, options.original_limit);
  return item;
}

Intake::Item read_word(const RelayWord& word, const tracking::Tokens& tokens, const IntakeOptions& options) {
  Intake::Item item;
  item.key = word.identity.empty() ? item_key({word.content})
                                   : item_key({to_string(Road::webhook), word.place, word.identity});
  item.road = Road::webhook;
  item.place = word.place;
  item.identity = word.identity;
  item.report.kind = word.kind;
  item.report.format = word.place;
  item.report.original = word.original;
  item.report.recipients = {word.diagnosis};
  item.trace = trace_original(tokens, word.original, word.content);
  item.state = !is_notice(word.kind) ? State::aside : item.trace.mail ? State::joined : State::foreign;
  if (item.state == State::foreign) {
    item.feedback_id = tracking::find_feedback_id(word.content);
    if (word.kind == Kind::complaint) item.sighting = spoofing::read_sighting(word.original);
  }
  item.subject = word.original.subject.substr(0, kMostSubject);
  item.size = word.content.size();
  item.at = word.at;
  // Deliveries come by the million and hold nothing that anybody would look up.
  if (word.kind != Kind::delivered) item.original = packed(word.content, options.original_limit);
  return item;
}

}  // namespace todoku::intake
