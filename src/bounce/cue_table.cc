#include "bounce/cue_table.h"

#include <vector>

#include "bounce/cues/tables.h"

namespace todoku::bounce {

std::span<const CueRow> cue_table() {
  static const std::vector<CueRow> kTable = [] {
    std::vector<CueRow> all;
    for (const std::span<const CueRow> rows :
         {failed_english(), failed_latin(), failed_scripts(), subjects(), delays(), other_mails(), layout()}) {
      all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
  }();
  return kTable;
}

}  // namespace todoku::bounce
