#include "authentication/dkim_header.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::authentication {
namespace {

/// Behind the field's last line: the next one does not begin with a blank.
std::size_t end_of_field(std::string_view text) {
  std::size_t end = 0;
  do {
    end = std::min(text.find("\r\n", end), text.size());
    if (end == text.size()) return end;
    end += 2;
  } while (end < text.size() && base::ascii_blank(text[end]));
  return end;
}

HeaderField field_of(std::string_view whole) {
  const std::size_t colon = whole.find(':');
  std::string_view name = whole.substr(0, colon == whole.npos ? 0 : colon);
  while (!name.empty() && base::ascii_blank(name.back())) name.remove_suffix(1);
  return {name, whole, colon == whole.npos ? std::string_view() : whole.substr(colon + 1)};
}

}  // namespace

bool split_mail(std::string_view mail, SplitMail& out) {
  out.fields.clear();
  out.body = {};
  while (!mail.empty()) {
    if (mail.starts_with("\r\n")) {
      out.body = mail.substr(2);
      return true;
    }
    if (out.fields.size() == kMostHeaderFields) return false;
    const std::size_t end = end_of_field(mail);
    out.fields.push_back(field_of(mail.substr(0, end)));
    mail.remove_prefix(end);
  }
  return true;
}

}  // namespace todoku::authentication
