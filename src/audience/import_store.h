// How a chunk of an import gets into the database: set by set, the same on both engines.
//
// The merge rule: a value that is not empty replaces the one before; an empty one changes nothing. What a contact may
// be sent is never loosened: state stays, and a basis of consent on record stays with its time (one is added where none
// was). A new contact whose address is on the suppression list comes in suppressed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audience/import_chunk.h"
#include "base/clock.h"
#include "base/id.h"
#include "store/connection.h"

namespace todoku::audience {

using ImportId = base::Id<struct ImportTag>;

/// Of the rows that are stored.
struct ImportCounts {
  std::int64_t created = 0;
  std::int64_t changed = 0;
  std::int64_t joined = 0;   // became members of the list
  std::int64_t refused = 0;  // are of contacts that may not be mailed, and stay so
};

/// The record of one import, by which it goes on after a crash.
struct ImportRecord {
  ImportId id;
  std::int64_t records = 0;  // data records of the file whose outcome is stored
  ImportCounts counts;
};

struct ImportStart {
  std::string identity;  // of content, list and options
  std::string file;
  base::ListId list;
  std::string consent;
};
/// The record of an import that was interrupted, or a new one. An import that came to its end starts anew.
[[nodiscard]] ImportRecord start_import(store::Connection& db, const ImportStart& start, base::Time now);
[[nodiscard]] ImportCounts import_counts(store::Connection& db, ImportId id);
void end_import(store::Connection& db, ImportId id, base::Time now);

struct ChunkTarget {
  ImportId import;
  base::ListId list;
  const std::vector<std::string>& field_names;
  base::Time now;
};
/// Stores a chunk and that it is stored, in the caller's transaction. Throws store::Failure when the chunk does not
/// follow what is stored.
void store_chunk(store::Connection& db, const ChunkTarget& target, const ImportChunk& chunk);

}  // namespace todoku::audience
