// Maildir as mail programs share it (https://cr.yp.to/proto/maildir.html): what lies in new/ is whole, moving is
// atomic.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace todoku::intake {

/// Puts a mail into new/, on disk when it returns; the folders are made where missing. The same key again is the same
/// file. Throws std::system_error where the file system fails.
void deliver_to_maildir(const std::filesystem::path& maildir, std::string_view key, std::string_view content);

/// The mails in new/, in order of their names, at most `most`. Errors: it is no Maildir, or may not be read.
[[nodiscard]] base::Result<std::vector<std::filesystem::path>> new_mails(const std::filesystem::path& maildir,
                                                                         std::size_t most);

/// new/NAME → cur/NAME:2, — met by a mail program, and not read yet. Fine where another program has moved it.
void mark_as_met(const std::filesystem::path& mail);

}  // namespace todoku::intake
