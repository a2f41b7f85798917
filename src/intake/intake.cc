#include "intake/intake.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/log.h"
#include "intake/intake_item.h"
#include "intake/intake_queries.h"
#include "intake/maildir.h"
#include "intake/spoofing/alerts.h"
#include "intake/spoofing/sources.h"
#include "store/utf8.h"

namespace todoku::intake {
namespace {

using bounce::Diagnosis;
using store::to_storable_text;
using Item = Intake::Item;

constexpr std::size_t kMostDiagnostic = 2000;

store::Value id_or_null(std::int64_t id) { return id == 0 ? store::Value(store::Null{}) : store::Value(id); }

tracking::MailId mail_of(const Item& item) { return item.trace.mail.value_or(tracking::MailId{}); }

/// Nothing: it was there before.
std::optional<std::int64_t> add_item(store::Connection& db, const Item& item) {
  const tracking::MailId mail = mail_of(item);
  const std::string sender = to_storable_text(item.sender), recipient = to_storable_text(item.recipient),
                    subject = to_storable_text(item.subject), identity = to_storable_text(item.identity),
                    place = to_storable_text(item.place), problem = to_storable_text(item.problem);
  store::Rows rows =
      db.query(kAdd, {store::Bytes{item.key}, to_string(item.road), place, identity, to_string(item.state),
                      bounce::to_string(item.report.kind), item.report.format, problem, to_string(item.trace.found_by),
                      id_or_null(mail.campaign.value), id_or_null(mail.contact.value), item.trace.forged, sender,
                      recipient, item.peer, subject, static_cast<std::int64_t>(item.size), item.at});
  if (!rows.next()) return std::nullopt;
  const std::int64_t id = rows.integer(0);
  rows.next();
  return id;
}

void add_bounces(store::Connection& db, std::int64_t intake, const Item& item) {
  const tracking::MailId mail = mail_of(item);
  std::int64_t number = 0;
  for (const Diagnosis& d : item.report.recipients) {
    const std::string address = to_storable_text(d.address), remote = to_storable_text(d.remote_mta),
                      diagnostic = to_storable_text(std::string_view(d.diagnostic).substr(0, kMostDiagnostic));
    db.execute(kAddBounce, {intake, ++number, id_or_null(mail.campaign.value), id_or_null(mail.contact.value), address,
                            bounce::to_string(d.reason), d.permanent, d.status ? d.status->to_string() : "",
                            d.reply_code.value_or(0), remote, d.provider, diagnostic, item.at});
  }
}

/// A mail of ours goes to one recipient; where a notice names several, forwarding did that, and who failed counts.
const Diagnosis* decisive(const std::vector<Diagnosis>& all) {
  if (all.empty()) return nullptr;
  const auto failed = std::ranges::find(all, true, &Diagnosis::permanent);
  return failed == all.end() ? &all.front() : &*failed;
}

/// A relay that proved who it is may be believed a complaint; that a mailbox is gone, its word about some mail to it is
/// no better than anybody's.
bool is_proven(const Item& item) {
  if (item.trace.found_by != FoundBy::recipient && item.trace.found_by != FoundBy::feedback_id) return true;
  return item.road == Road::webhook && item.report.kind == bounce::Kind::complaint;
}

/// A notice that has no token of ours may still repeat the field by which receivers count complaints.
void join_by_feedback_id(store::Connection& db, Consequences& consequences, Item& item) {
  if (item.state != State::foreign || item.trace.forged || !item.feedback_id) return;
  const Diagnosis* diagnosis = decisive(item.report.recipients);
  const auto mail =
      consequences.mail_of(db, *item.feedback_id, diagnosis == nullptr ? "" : to_storable_text(diagnosis->address));
  // Of a bounce it matters who it is about; a complaint counts for the campaign all the same.
  if (!mail || (!mail->contact && item.report.kind != bounce::Kind::complaint)) return;
  item.trace.mail = mail;
  item.trace.found_by = FoundBy::feedback_id;
  item.state = State::joined;
}

/// A notice that has no token of ours, nor the Message-ID of somebody else's mail, is about the last mail that its
/// recipient got.
void join_by_recipient(store::Connection& db, Consequences& consequences, Item& item) {
  if (item.state != State::foreign || item.trace.forged || !item.report.original.message_id.empty()) return;
  const Diagnosis* diagnosis = decisive(item.report.recipients);
  if (diagnosis == nullptr || diagnosis->address.empty()) return;
  item.trace.mail = consequences.last_mail_to(db, to_storable_text(diagnosis->address), item.at);
  if (!item.trace.mail) return;
  item.trace.found_by = FoundBy::recipient;
  item.state = State::joined;
}

using ChangedDays = std::map<std::string, std::set<std::int64_t>>;  // by domain

void record_spoofing(store::Connection& db, std::int64_t intake, const Item& item, ChangedDays& changed) {
  const auto note = [&](const std::optional<spoofing::Changed>& change) {
    if (change) changed[change->domain].insert(change->days.begin(), change->days.end());
  };
  for (const auto& report : item.dmarc)
    note(spoofing::record_report(db, report, {intake, !item.author.empty()}, item.at));
  if (item.sighting && item.state == State::foreign) note(spoofing::record_sighting(db, *item.sighting, item.at));
}

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::joined:
      return "joined";
    case State::refusal:
      return "refusal";
    case State::reply:
      return "reply";
    case State::foreign:
      return "foreign";
    case State::aside:
      return "aside";
    case State::report:
      return "report";
    case State::dead:
      return "dead";
  }
  return "";
}

Intake::Intake(store::Store& store, tracking::CurrentTokens& tokens, const bounce::Rules& rules,
               Consequences& consequences, IntakeOptions options)
    : store_(store), tokens_(tokens), rules_(rules), consequences_(consequences), options_(std::move(options)) {}

void Intake::take(std::span<const Arrival> arrivals) {
  const bounce::Analyser analyser(rules_);
  const auto tokens = tokens_.newest();
  std::vector<Item> items;
  items.reserve(arrivals.size());
  for (const Arrival& arrival : arrivals) {
    Item item = read_arrival(arrival, analyser, *tokens, options_);
    const bool lies_in_a_mailbox = arrival.road == Road::mailbox || arrival.road == Road::folder;
    if (item.state == State::reply && !lies_in_a_mailbox)
      deliver_to_maildir(options_.replies, item.key, arrival.content);
    items.push_back(std::move(item));
  }
  keep(std::move(items));
}

void Intake::take(std::span<const RelayWord> words) {
  const auto tokens = tokens_.newest();
  std::vector<Item> items;
  items.reserve(words.size());
  for (const RelayWord& word : words) items.push_back(read_word(word, *tokens, options_));
  keep(std::move(items));
}

void Intake::bury(Road road, std::string_view place, std::string_view content, std::string_view problem,
                  base::Time at) {
  std::vector<Item> items(1);
  Item& item = items.front();
  item.key = item_key({content});
  item.road = road;
  item.place = place;
  item.problem = problem;
  item.size = content.size();
  item.original = packed(content, options_.original_limit);
  item.at = at;
  keep(std::move(items));
}

void Intake::keep(std::vector<Item> items) {
  if (items.empty()) return;
  try {
    store_.write_now([&](store::Connection& db) { store_group(db, items); });
  } catch (const store::Failure& failure) {
    // One that the store cannot take for what it holds must not keep the others back.
    if (failure.kind() != store::Failure::Kind::statement && failure.kind() != store::Failure::Kind::constraint) throw;
    base::log::error("intake_failed", {{"items", items.size()}, {"cause", failure.what()}});
    for (Item& item : items) {
      if (items.size() == 1) {
        item.state = State::dead;
        item.problem = failure.what();
        item.report = {};
        item.trace = {};
        item.dmarc.clear();
        item.sighting.reset();
        store_.write_now([&](store::Connection& db) { store_group(db, std::span(&item, 1)); });
        break;
      }
      keep({item});
    }
    if (items.size() > 1) return;
  }
  if (!options_.observe) return;
  for (const Item& item : items) {
    if (item.is_new) options_.observe(item.road, item.state, item.report.kind);
  }
}

void Intake::store_group(store::Connection& db, std::span<Item> items) {
  std::vector<Finding> findings;
  ChangedDays changed;
  for (Item& item : items) {
    join_by_feedback_id(db, consequences_, item);
    join_by_recipient(db, consequences_, item);
    const auto id = add_item(db, item);
    item.is_new = id.has_value();
    if (!id) continue;
    if (!item.original.empty()) db.execute(kAddOriginal, {*id, store::Bytes{item.original}, item.at});
    add_bounces(db, *id, item);
    record_spoofing(db, *id, item, changed);
    if (item.state == State::refusal) consequences_.refused(db, *item.trace.mail, item.at);
    if (item.state != State::joined || !item.trace.mail->contact) continue;
    if (const Diagnosis* diagnosis = decisive(item.report.recipients)) {
      const bool proven = is_proven(item);
      findings.push_back({*item.trace.mail, proven, item.report.kind, diagnosis, item.at});
    }
  }
  if (!findings.empty()) consequences_.record(db, findings);
  for (const auto& [domain, days] : changed) {
    spoofing::watch(db, domain, days, options_.own_sources, items.back().at);
  }
}

}  // namespace todoku::intake
