#include "remedy/status_check_script.h"

#include <span>

#include "base/embedded_file.h"

namespace todoku::remedy {

std::span<const base::EmbeddedFile> embedded_status_check();  // generated from data/status_check

std::string_view status_check_script() { return embedded_status_check().front().content; }

}  // namespace todoku::remedy
