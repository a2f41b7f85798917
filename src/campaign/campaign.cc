#include "campaign/campaign.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "audience/sendable.h"
#include "campaign/campaign_queries.h"
#include "queue/control.h"
#include "queue/counts.h"
#include "queue/queue.h"

namespace todoku::campaign {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::array<std::string_view, 5> kStates = {"draft", "sending", "paused", "cancelled", "finished"};

std::optional<base::Time> time_at(const store::Rows& rows, int column) {
  if (rows.is_null(column)) return std::nullopt;
  return base::from_stored(rows.integer(column));
}

Campaign read_campaign(const store::Rows& rows) {
  Campaign c;
  c.id = {rows.integer(0)};
  c.name = rows.text(1);
  c.list = {rows.integer(2)};
  c.state = state_of(rows.text(3)).value_or(State::draft);
  c.sender = {.name = std::string(rows.text(4)),
              .address = std::string(rows.text(5)),
              .reply_to = std::string(rows.text(6)),
              .postal_address = std::string(rows.text(7)),
              .contact = std::string(rows.text(8)),
              .bounce_domain = std::string(rows.text(9)),
              .public_url = std::string(rows.text(10))};
  c.total = rows.integer(11);
  c.created_at = base::from_stored(rows.integer(12));
  c.started_at = time_at(rows, 13);
  c.finished_at = time_at(rows, 14);
  return c;
}

std::vector<Campaign> read_all(store::Rows rows) {
  std::vector<Campaign> all;
  while (rows.next()) all.push_back(read_campaign(rows));
  return all;
}

}  // namespace

std::string_view to_string(State state) { return kStates[static_cast<std::size_t>(state)]; }

std::optional<State> state_of(std::string_view word) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == word) return static_cast<State>(i);
  }
  return std::nullopt;
}

Result<base::CampaignId> create(store::Connection& db, const NewCampaign& wanted, base::Time now) {
  const SenderIdentity& s = wanted.sender;
  base::CampaignId id;
  {
    auto rows = db.query(kInsertCampaign, {wanted.name, wanted.list, s.name, s.address, s.reply_to, s.postal_address,
                                           s.contact, s.bounce_domain, s.public_url, now});
    if (!rows.next()) {
      return Error{ErrorCode::exists, fmt::format("there is a campaign '{}' already", wanted.name),
                   "give another --name", ""};
    }
    id = {rows.integer(0)};
  }
  for (const TemplateFile& file : wanted.files) {
    db.execute(kInsertFile, {id, file.path, store::Bytes{file.content}});
  }
  return id;
}

std::optional<Campaign> find(store::Connection& db, base::CampaignId id) {
  auto rows = db.query(kSelectById, {id});
  if (!rows.next()) return std::nullopt;
  return read_campaign(rows);
}

Result<Campaign> find(store::Connection& db, std::string_view name) {
  {
    auto rows = db.query(kSelectByName, {name});
    if (rows.next()) return read_campaign(rows);
  }
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (problem == std::errc{} && end == name.data() + name.size()) {
    if (auto found = find(db, base::CampaignId{number})) return *std::move(found);
  }
  return Error{ErrorCode::not_found, fmt::format("there is no campaign '{}'", name),
               "`todoku campaign list` shows those there are", ""};
}

std::vector<Campaign> campaigns(store::Connection& db) { return read_all(db.query(kSelectAll)); }

std::vector<Campaign> campaigns_in(store::Connection& db, State state) {
  return read_all(db.query(kSelectByState, {to_string(state)}));
}

base::CampaignId last_campaign_of(store::Connection& db, base::ContactId contact, base::Time before) {
  return {db.query_integer(kLastOfContact, {contact, before}).value_or(0)};
}

std::vector<TemplateFile> template_files(store::Connection& db, base::CampaignId id) {
  std::vector<TemplateFile> files;
  auto rows = db.query(kSelectFiles, {id});
  while (rows.next()) files.push_back({std::string(rows.text(0)), std::string(rows.bytes(1))});
  return files;
}

namespace {

/// Lays down everybody of the list who may be mailed now; how many.
std::int64_t lay_down(store::Connection& db, const Campaign& campaign, base::Time now) {
  queue::BatchBuilder batches({.campaign = campaign.id, .now = now});
  {
    audience::SendableContacts contacts(db, campaign.list);
    while (contacts.next()) batches.add(contacts.domain(), contacts.id());
  }
  return batches.finish(db);
}

Error wrong_state(const Campaign& campaign, std::string_view verb) {
  return Error{ErrorCode::refused,
               fmt::format("campaign '{}' is {} and cannot be {}", campaign.name, to_string(campaign.state), verb), "",
               ""};
}

}  // namespace

Result<void> start(store::Connection& db, const Campaign& campaign, base::Time now) {
  if (campaign.state == State::draft) {
    // First, since it locks the row: of two who start it at once, one lays its readers down.
    if (db.execute(kStart, {campaign.id, now}) == 0) return base::done;
    const std::int64_t total = lay_down(db, campaign, now);
    if (total == 0) {
      db.execute(kUnstart, {campaign.id});
      return Error{
          ErrorCode::invalid, "nobody of the list may be mailed",
          "readers need a basis of consent (contacts import --consent) and must not be stopped or unsubscribed", ""};
    }
    db.execute(kSetTotal, {campaign.id, total});
    return base::done;
  }
  if (campaign.state == State::paused) {
    queue::resume(db, campaign.id);
    db.execute(kResume, {campaign.id});
    return base::done;
  }
  if (campaign.state == State::sending) return base::done;
  return wrong_state(campaign, "sent");
}

Result<void> pause(store::Connection& db, const Campaign& campaign) {
  if (campaign.state == State::paused) return base::done;
  if (campaign.state != State::sending) return wrong_state(campaign, "paused");
  queue::pause(db, campaign.id);
  db.execute(kPause, {campaign.id});
  return base::done;
}

Result<void> cancel(store::Connection& db, const Campaign& campaign, base::Time now) {
  if (campaign.state == State::finished) return wrong_state(campaign, "cancelled");
  queue::cancel(db, campaign.id);
  db.execute(kCancel, {campaign.id, now});
  return base::done;
}

bool finish_if_done(store::Connection& db, base::CampaignId id, base::Time now) {
  if (!queue::counts_of(db, id).finished()) return false;
  return db.execute(kFinish, {id, now}) > 0;
}

}  // namespace todoku::campaign
