#include "intake/spoofing/dmarc_mail.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "authentication/dmarc_file.h"
#include "base/ascii.h"
#include "mail/mime_reader.h"

namespace todoku::intake::spoofing {
namespace {

constexpr std::size_t kMostParts = 20;
constexpr std::size_t kLargestFile = authentication::kLargestDmarcReport + 1;

std::string name_of(const mail::MimeReader& reader, const mail::MimePart& part) {
  std::string name = mail::parameter_of(reader.field(part, "Content-Disposition"), "filename");
  if (name.empty()) name = mail::parameter_of(reader.field(part, "Content-Type"), "name");
  return base::ascii_lower(mail::decoded_header(name));
}

/// receiver!domain!begin!end with a kind of file that reports come in. Reports on TLS (RFC 8460) are named alike.
bool is_report_name(std::string_view name) {
  if (name.find(".json") != std::string_view::npos) return false;
  return std::ranges::count(name, '!') >= 3;
}

bool may_hold(const mail::MimePart& part, std::string_view name) {
  if (part.has_children || base::ascii_lower(part.subtype).starts_with("tlsrpt")) return false;
  constexpr auto kTypes = std::to_array<std::string_view>(
      {"gzip", "x-gzip", "gzip-compressed", "zip", "x-zip", "x-zip-compressed", "xml", "x-compressed"});
  const std::string subtype = base::ascii_lower(part.subtype);
  if (std::ranges::find(kTypes, subtype) != kTypes.end()) return true;
  if (is_report_name(name)) return true;
  constexpr auto kEndings = std::to_array<std::string_view>({".xml", ".xml.gz", ".zip", ".gz"});
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

/// "Report Domain: example.jp Submitter: receiver Report-ID: <…>" (RFC 7489, section 7.2.1.1)
bool is_report_subject(std::string_view subject) {
  return base::istarts_with(base::trim(subject), "report domain:") &&
         base::ascii_lower(subject).find("submitter") != std::string::npos;
}

}  // namespace

std::optional<DmarcMail> read_dmarc_mail(std::string_view mail) {
  const mail::MimeReader reader(mail, {.depth = 4, .parts = kMostParts, .fields = 500});
  bool claims = is_report_subject(mail::decoded_header(reader.field(reader.top(), "Subject")));
  DmarcMail found;
  std::string problem;
  for (const mail::MimePart& part : reader.parts()) {
    const std::string name = name_of(reader, part);
    if (!may_hold(part, name)) continue;
    claims = claims || is_report_name(name);
    auto reports = authentication::read_dmarc_file(reader.bytes(part, kLargestFile));
    if (!reports) {
      problem = reports.error().text();
      continue;
    }
    for (auto& report : *reports) {
      if (!report.problem.empty()) problem = "the report is not whole: " + report.problem;
      found.reports.push_back(std::move(report));
    }
  }
  if (found.reports.empty() && !claims) return std::nullopt;
  if (found.reports.empty() && problem.empty()) problem = "it says that it is a DMARC report, but holds none";
  found.problem = std::move(problem);
  return found;
}

}  // namespace todoku::intake::spoofing
