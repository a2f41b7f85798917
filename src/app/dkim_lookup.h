// Whether the DNS holds the records of our DKIM keys.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dkim_keys.h"
#include "base/clock.h"
#include "base/result.h"

namespace todoku::app {

class Context;

enum class Published : std::uint8_t {
  yes,
  missing,      // no record at the name
  different,    // a record that is not this key's
  unavailable,  // no answer
};
/// "yes", "missing", "different", "unavailable"
[[nodiscard]] std::string_view to_string(Published published);

struct DkimLookup {
  authentication::DkimKeyEntry key;
  Published published = Published::unavailable;
  std::string found;  // the record that is there, or what the DNS says
};

/// One question for each key, through the configured name servers, none longer than `limit`.
[[nodiscard]] base::Result<std::vector<DkimLookup>> look_up_dkim(Context& context,
                                                                 std::vector<authentication::DkimKeyEntry> keys,
                                                                 base::Duration limit);

/// Waiting keys whose record is there sign from now on; the entries of `lookups` follow. How many.
int activate_published(Context& context, std::vector<DkimLookup>& lookups);

}  // namespace todoku::app
