#include "intake/spoofing/report_author.h"

#include <vector>

#include "base/ascii.h"
#include "mail/domain.h"
#include "mail/mime_reader_header.h"
#include "mail/organisational_domain.h"

namespace todoku::intake::spoofing {
namespace {

using authentication::DkimKeyAnswer;
using authentication::DkimResult;

constexpr std::size_t kMostFields = 200;
constexpr std::string_view kKeys = "._domainkey.";

std::string author_domain(std::string_view mail) {
  std::vector<mail::RawField> fields;
  mail::read_fields(mail, fields, kMostFields);
  const std::string from = mail::decoded_header(mail::find_field(fields, "From"));
  const std::size_t at = from.rfind('@');
  if (at == std::string::npos) return {};
  std::string_view typed = std::string_view(from).substr(at + 1);
  typed = typed.substr(0, typed.find_first_of("> \t\r\n,;"));
  std::string ascii;
  std::size_t bad = 0;
  if (mail::to_ascii_domain(typed, ascii, bad)) return {};
  return mail::organisational_domain(ascii);
}

/// Of "selector._domainkey.example.com".
bool is_key_of(std::string_view name, std::string_view organisation) {
  const std::size_t at = base::ascii_lower(name).find(kKeys);
  return at != std::string::npos &&
         mail::organisational_domain(base::ascii_lower(name.substr(at + kKeys.size()))) == organisation;
}

/// As it was signed: what lies in a folder, or comes by a pipe, has lost its CRs.
std::string over_the_wire(std::string_view mail) {
  std::string out;
  out.reserve(mail.size() + mail.size() / 32);
  for (const char c : mail) {
    if (c == '\n' && !out.ends_with('\r')) out += '\r';
    out += c;
  }
  return out;
}

}  // namespace

std::string proven_author(std::string_view mail, base::Time now, const authentication::DkimKeyLookup& lookup) {
  std::string organisation = author_domain(mail);
  if (organisation.empty() || !lookup) return {};
  const auto own = [&](const std::string& name) {
    return is_key_of(name, organisation) ? lookup(name) : DkimKeyAnswer{};
  };
  for (const authentication::DkimVerdict& verdict : authentication::verify_dkim(over_the_wire(mail), now, own)) {
    const bool holds = verdict.result == DkimResult::pass && !verdict.testing && verdict.whole_body;
    if (holds && mail::organisational_domain(base::ascii_lower(verdict.signature.domain)) == organisation)
      return organisation;
  }
  return {};
}

}  // namespace todoku::intake::spoofing
