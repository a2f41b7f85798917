#include "campaign/campaign.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "campaign/campaign_queries.h"

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

std::vector<TemplateFile> template_files(store::Connection& db, base::CampaignId id) {
  std::vector<TemplateFile> files;
  auto rows = db.query(kSelectFiles, {id});
  while (rows.next()) files.push_back({std::string(rows.text(0)), std::string(rows.bytes(1))});
  return files;
}

}  // namespace todoku::campaign
