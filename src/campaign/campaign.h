// A campaign: one mailing to one list, from its making to the last recipient's final outcome.
//
// States: draft → sending ⇄ paused → finished, or → cancelled from any but finished. "Finished" is true only when every
// recipient has a final outcome. Functions take the connection of the caller's transaction and do not commit.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "base/result.h"
#include "store/connection.h"

namespace todoku::campaign {

enum class State : std::uint8_t { draft, sending, paused, cancelled, finished };
[[nodiscard]] std::string_view to_string(State state);
[[nodiscard]] std::optional<State> state_of(std::string_view word);

/// Who sends, and what the law wants shown in every mail.
struct SenderIdentity {
  std::string name;  // display name, may be empty
  std::string address;
  std::string reply_to;        // empty: the address
  std::string postal_address;  // of the sender, for the legal footer
  std::string contact;         // where complaints go, for the legal footer
  std::string bounce_domain;   // of the return paths
  std::string public_url;      // for unsubscribe links; empty: by mail only
};

struct Campaign {
  base::CampaignId id;
  std::string name;
  base::ListId list;
  State state = State::draft;
  SenderIdentity sender;
  std::int64_t total = 0;  // recipients laid down; 0 in a draft
  base::Time created_at;
  std::optional<base::Time> started_at;
  std::optional<base::Time> finished_at;
};

/// One file of the campaign's template.
struct TemplateFile {
  std::string path;  // below the template's folder, with '/'
  std::string content;
};

struct NewCampaign {
  std::string_view name;
  base::ListId list;
  const SenderIdentity& sender;
  const std::vector<TemplateFile>& files;
};

/// A draft. Errors: `exists` where the name is taken.
[[nodiscard]] base::Result<base::CampaignId> create(store::Connection& db, const NewCampaign& wanted, base::Time now);

/// By name, else by number. Errors: `not_found`.
[[nodiscard]] base::Result<Campaign> find(store::Connection& db, std::string_view name);
[[nodiscard]] std::optional<Campaign> find(store::Connection& db, base::CampaignId id);
[[nodiscard]] std::vector<Campaign> campaigns(store::Connection& db);
[[nodiscard]] std::vector<Campaign> campaigns_in(store::Connection& db, State state);
/// The one last started before then to a list that the contact is in; none where there is none.
[[nodiscard]] base::CampaignId last_campaign_of(store::Connection& db, base::ContactId contact, base::Time before);
[[nodiscard]] std::vector<TemplateFile> template_files(store::Connection& db, base::CampaignId id);

/// Draft or paused → sending. The first time the recipients are laid down in the queue: who is sendable now, each once.
/// Errors: `refused` from another state; `invalid` where nobody of the list may be mailed.
[[nodiscard]] base::Result<void> start(store::Connection& db, const Campaign& campaign, base::Time now);

/// Sending → paused: connections end with the mail they are at.
[[nodiscard]] base::Result<void> pause(store::Connection& db, const Campaign& campaign);

/// For good: who was not served yet gets the outcome `cancelled`.
[[nodiscard]] base::Result<void> cancel(store::Connection& db, const Campaign& campaign, base::Time now);

/// Sending → finished where nobody waits any more; whether it did.
bool finish_if_done(store::Connection& db, base::CampaignId id, base::Time now);

}  // namespace todoku::campaign
