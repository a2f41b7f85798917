// Files that are attached to a campaign's mails besides those of its template.
#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "base/result.h"
#include "campaign/campaign.h"

namespace todoku::campaign {

/// Adds the files at these paths as attachments. Errors: `not_found`, `io`; `exists` for a second file of one name;
/// `limit` where all files together are more than read_template() takes.
[[nodiscard]] base::Result<void> attach_files(std::vector<TemplateFile>& files,
                                              std::span<const std::filesystem::path> paths);

}  // namespace todoku::campaign
