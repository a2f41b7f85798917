// What came in, for reading: listings, one entry with its verdicts, originals.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::intake {

struct Entry {
  std::int64_t id = 0;
  std::string road, place, state, kind, format, problem, found_by;
  base::CampaignId campaign;  // none: not joined
  base::ContactId contact;
  bool forged = false;
  std::string sender, recipient, peer, subject;
  std::int64_t size = 0;
  base::Time at;
};

/// What is not given does not narrow.
struct EntryFilter {
  std::int64_t before = 0;  // for pages: the last id of the page before
  std::string state = {};
  std::string road = {};
  base::ContactId contact = {};
  base::CampaignId campaign = {};
  std::int64_t limit = 100;
};
/// The newest first.
[[nodiscard]] std::vector<Entry> find_entries(store::Connection& db, const EntryFilter& filter);
[[nodiscard]] std::optional<Entry> find_entry(store::Connection& db, std::int64_t id);

/// One recipient's verdict in an entry; words as the store has them.
struct StoredVerdict {
  std::string address, reason;
  bool permanent = false;
  std::string status;
  int reply_code = 0;
  std::string remote, provider, diagnostic;
};
[[nodiscard]] std::vector<StoredVerdict> verdicts_of(store::Connection& db, std::int64_t entry);

/// The thing as it came, cut where it was longer than is kept; nothing where it is no longer kept.
[[nodiscard]] std::optional<std::string> original_of(store::Connection& db, std::int64_t entry);

/// Readers of a campaign whose mail was taken and came back later, or who complained, by cause; most frequent first.
struct LateCount {
  std::string reason;
  std::int64_t readers = 0;
  StoredVerdict example;
};
[[nodiscard]] std::vector<LateCount> late_counts(store::Connection& db, base::CampaignId campaign);
/// All of them, each once.
[[nodiscard]] std::int64_t late_readers(store::Connection& db, base::CampaignId campaign);

struct EntryCount {
  std::string road, state;
  std::int64_t entries = 0;
};
[[nodiscard]] std::vector<EntryCount> count_entries(store::Connection& db);

/// Forgets originals that came before then, at most `most` of them; how many.
std::int64_t forget_originals(store::Connection& db, base::Time before, std::int64_t most);

}  // namespace todoku::intake
