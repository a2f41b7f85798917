// RFC 5965's feedback reports, and the plain ones of Hotmail: who complained.
#include <utility>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/formats/format.h"

namespace todoku::bounce {
namespace {

void add(std::vector<std::string>& out, std::string_view value) {
  for (const FoundAddress& found : find_addresses(value, 1000)) {
    std::string address(found.in(value));
    bool known = false;
    for (const std::string& one : out) known = known || base::iequals(one, address);
    if (!known) out.push_back(std::move(address));
  }
}

}  // namespace

std::vector<std::string> complaint_recipients(const Notice& notice) {
  std::vector<std::string> out;
  std::vector<mail::RawField> fields;
  mail::read_fields(notice.feedback, fields, 200);
  for (const std::string_view name : {"Original-Rcpt-To", "Original-Recipient", "Removal-Recipient"}) {
    for (const auto& field : fields) {
      if (base::iequals(field.name, name)) add(out, field.value);
    }
  }
  if (!out.empty()) return out;
  add(out, notice.header("X-HmXmrOriginalRecipient"));
  if (out.empty()) add(out, mail::find_field(notice.original, "X-HmXmrOriginalRecipient"));
  // A newsletter goes to one reader; where a server delivered it is where that one has it forwarded to, or a list.
  if (std::vector<std::string> to; out.empty()) {
    add(to, mail::find_field(notice.original, "To"));
    if (to.size() == 1) out = std::move(to);
  }
  for (const std::string_view name : {"X-Original-To", "Delivered-To", "To"}) {
    if (out.empty()) add(out, mail::find_field(notice.original, name));
  }
  if (out.empty() && notice.feedback.empty() && notice.original.empty()) add(out, notice.from_address);
  if (out.empty()) out.emplace_back();
  return out;
}

}  // namespace todoku::bounce
