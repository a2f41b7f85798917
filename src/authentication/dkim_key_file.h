// Private keys as files that nobody but their owner can read.
#pragma once
#include <filesystem>
#include <string_view>

#include "authentication/dkim_key.h"
#include "base/result.h"

namespace todoku::authentication {

/// "FOLDER/DOMAIN/SELECTOR.pem". Both parts must be names as is_selector() wants them.
[[nodiscard]] std::filesystem::path dkim_key_path(const std::filesystem::path& folder, std::string_view domain,
                                                  std::string_view selector);

/// Makes the folders (0700) and the file (0600), on disk when it returns. Never writes over a file: `exists`.
[[nodiscard]] base::Result<void> save_dkim_key(const std::filesystem::path& path, const DkimKey& key);

/// Errors: not_found, io, refused (others may read it), invalid (no key that signs).
[[nodiscard]] base::Result<DkimKey> load_dkim_key(const std::filesystem::path& path);

}  // namespace todoku::authentication
