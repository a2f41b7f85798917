#include "intake/spoofing/sighting.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/ascii.h"
#include "bounce/notice.h"
#include "intake/spoofing/own_sources.h"
#include "mail/address.h"
#include "mail/domain.h"

namespace todoku::intake::spoofing {
namespace {

constexpr std::size_t kMostReceived = 6;  // from the top; a system of more hops would be a strange one
constexpr std::size_t kMostClause = 1000;

std::string domain_of(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string_view typed = address.substr(at + 1);
  typed = typed.substr(0, typed.find_first_of("> \t\r\n,;"));
  std::string ascii;
  std::size_t bad = 0;
  return mail::to_ascii_domain(typed, ascii, bad) ? std::string() : ascii;
}

/// What the client itself said ("helo=…", "HELO …") taken out, since it may name any address; and the tag "IPv6:".
std::string without_greeting(std::string_view clause) {
  std::string out(clause);
  const std::string lower = base::ascii_lower(clause);
  for (std::size_t at = lower.find("ipv6:"); at != std::string::npos; at = lower.find("ipv6:", at + 1)) {
    out.replace(at, 5, "     ");
  }
  for (const std::string_view mark : {"helo=", "helo ", "ehlo "}) {
    for (std::size_t at = lower.find(mark); at != std::string::npos; at = lower.find(mark, at + 1)) {
      if (mark.back() == ' ' && (at == 0 || lower[at - 1] != '(')) continue;  // a host of that name
      const std::size_t begin = at + mark.size();
      const std::size_t end = std::min(lower.find_first_of(" )", begin), lower.size());
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(begin), out.begin() + static_cast<std::ptrdiff_t>(end), ' ');
    }
  }
  return out;
}

bool of_an_address(char c) {
  return base::ascii_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
}

/// Public addresses in numbers within a text, in order.
std::vector<std::string> addresses_in(std::string_view text) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < text.size();) {
    if (!of_an_address(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && of_an_address(text[end])) ++end;
    const bool alone =
        (i == 0 || !base::ascii_alpha(text[i - 1])) && (end == text.size() || !base::ascii_alpha(text[end]));
    const std::string_view word = text.substr(i, end - i);
    if (alone && is_public_address(word)) found.emplace_back(word);
    i = end;
  }
  return found;
}

/// "from NAME (what the server itself saw) by …": what it saw stands in the comment, the name before was said to it.
std::string client_of(std::string_view received) {
  std::string line = mail::unfolded(received.substr(0, kMostClause));
  if (!base::istarts_with(line, "from ")) return {};
  const std::size_t by = base::ascii_lower(line).find(" by ");
  line = without_greeting(std::string_view(line).substr(0, by));
  const std::size_t comment = line.find('(');
  if (comment != std::string::npos) {
    const auto seen = addresses_in(std::string_view(line).substr(comment));
    if (!seen.empty()) return seen.back();
    // Exim without a reverse name: "from [192.0.2.1] (helo=…)"
    if (!line.starts_with("from [")) return {};
  }
  const auto named = addresses_in(std::string_view(line).substr(0, comment));
  return named.empty() ? "" : named.front();
}

std::string field_address(std::string_view value) {
  const std::string_view text = base::trim(value);
  return is_public_address(text) ? std::string(text) : "";
}

}  // namespace

std::string_view to_string(Spring spring) {
  switch (spring) {
    case Spring::dmarc:
      return "dmarc";
    case Spring::unproven:
      return "unproven";
    case Spring::bounce:
      return "bounce";
    case Spring::complaint:
      return "complaint";
  }
  return "";
}

std::string handed_over_by(std::span<const mail::RawField> fields) {
  std::size_t looked_at = 0;
  for (const mail::RawField& field : fields) {
    if (!base::iequals(field.name, "Received")) continue;
    if (auto client = client_of(field.value); !client.empty()) return client;
    if (++looked_at == kMostReceived) break;
  }
  return {};
}

Sighting read_sighting(std::string_view notice, std::string_view recipient, bool complaint, bool forged) {
  bounce::Notice read(notice);
  read.read_words();
  Sighting sighting;
  sighting.spring = complaint ? Spring::complaint : Spring::bounce;
  sighting.forged = forged;
  sighting.own_domain = domain_of(recipient.empty() ? mail::decoded_header(read.header("To")) : std::string(recipient));
  sighting.from_domain = domain_of(mail::decoded_header(mail::find_field(read.original, "From")));
  if (complaint && !read.feedback.empty()) {
    std::vector<mail::RawField> fields;
    mail::read_fields(read.feedback, fields, 100);
    sighting.address = field_address(mail::find_field(fields, "Source-IP"));
  }
  if (sighting.address.empty()) sighting.address = handed_over_by(read.original);
  return sighting;
}

Sighting read_sighting(const bounce::OriginalMail& original) {
  Sighting sighting;
  sighting.spring = Spring::complaint;
  sighting.from_domain = domain_of(original.from);
  sighting.own_domain = domain_of(original.return_path);
  return sighting;
}

}  // namespace todoku::intake::spoofing
