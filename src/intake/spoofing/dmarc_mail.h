// Finds the DMARC reports in a mail: attached or as the whole body, packed or not, under any of the types that
// receivers give them. Pure; limits as of authentication/dmarc_file.h.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authentication/dmarc_report.h"

namespace todoku::intake::spoofing {

struct DmarcMail {
  std::vector<authentication::DmarcReport> reports;
  std::string problem;  // why there is none, or one of them is not whole
};

/// Nothing: the mail claims to be no such report and holds none. One that claims to, by its subject or a file's name
/// (receiver!domain!begin!end), and holds none has a problem.
[[nodiscard]] std::optional<DmarcMail> read_dmarc_mail(std::string_view mail);

}  // namespace todoku::intake::spoofing
