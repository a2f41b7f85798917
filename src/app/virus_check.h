// Whether clamd finds viruses in the files of a mail; nothing is asked where none is set (clamd.address).
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "campaign/campaign.h"

namespace todoku::app {

class Config;
class Context;

struct Finding {
  std::string file;   // as the template has it
  std::string virus;  // empty: none
};

[[nodiscard]] bool has_clamd(const Config& config);

/// One finding for each file. Errors: where clamd cannot be asked; `where` begins with the file.
[[nodiscard]] base::Result<std::vector<Finding>> scan_files(const Config& config,
                                                            const std::vector<campaign::TemplateFile>& files);

/// Before a campaign is sent: true where it may. Else what is wrong was printed, with what to do, and exit_status set.
[[nodiscard]] bool is_free_of_viruses(Context& context, const campaign::Campaign& campaign);

}  // namespace todoku::app
