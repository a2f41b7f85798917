// The file that a DMARC report comes in: XML, gzip of it, or a zip with one or more of them.
//
// Unpacked in memory, within limits: a small file may hold gigabytes. An archive in an archive and an encrypted one are
// refused. One that breaks off gives what came before.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dmarc_report.h"
#include "base/result.h"

namespace todoku::authentication {

inline constexpr std::size_t kMostDmarcDocuments = 50;  // in one file

struct DmarcDocument {
  std::string name;  // in its archive; empty: it has none
  std::string xml;
  bool cut = false;  // the archive broke off within it
};

/// At least one. Errors: `invalid` (neither XML nor gzip nor zip, or broken), `limit`, `refused`.
[[nodiscard]] base::Result<std::vector<DmarcDocument>> unpack_dmarc_file(std::string_view bytes);

/// Unpacked and parsed. Of several documents those that can be read; the first error where none can.
[[nodiscard]] base::Result<std::vector<DmarcReport>> read_dmarc_file(std::string_view bytes);

}  // namespace todoku::authentication
