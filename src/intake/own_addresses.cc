#include "intake/own_addresses.h"

#include <array>

#include "base/ascii.h"
#include "intake/mail_trace.h"
#include "mail/address.h"

namespace todoku::intake {
namespace {

using tracking::Purpose;

bool is_office(std::string_view local) { return base::iequals(local, "postmaster") || base::iequals(local, "abuse"); }

}  // namespace

std::string_view to_string(Recipient recipient) {
  constexpr std::array<std::string_view, kRecipientCount> kWords = {"return_path", "unsubscribe", "office", "further",
                                                                    "forged",      "unknown",     "foreign"};
  return kWords.at(static_cast<std::size_t>(recipient));
}

bool is_ours(Recipient recipient) {
  return recipient != Recipient::forged && recipient != Recipient::unknown && recipient != Recipient::foreign;
}

base::Result<OwnAddresses> OwnAddresses::make(const std::vector<std::string>& domains,
                                              const std::vector<std::string>& further) {
  OwnAddresses own;
  for (const std::string& domain : domains) {
    auto ascii = mail::ascii_domain(domain);
    if (!ascii) return std::move(ascii).error();
    own.domains_.insert(*std::move(ascii));
  }
  for (const std::string& text : further) {
    auto address = mail::parse_address(text);
    if (!address) return std::move(address).error();
    own.further_.insert(address->match_key());
  }
  if (own.domains_.empty()) {
    return base::Error{base::ErrorCode::invalid, "no bounce domain is known", "set identity.bounce_domain", ""};
  }
  return own;
}

Recipient OwnAddresses::find(std::string_view text, const tracking::Tokens& tokens) const {
  if (base::iequals(text, "postmaster")) return Recipient::office;  // RFC 5321 section 4.5.1: also without a domain
  const auto address = mail::parse_address(text);
  if (!address) return Recipient::foreign;
  if (further_.contains(address->match_key())) return Recipient::further;
  if (!domains_.contains(address->ascii_domain)) return Recipient::foreign;
  const std::string_view local = address->local;
  if (is_office(local)) return Recipient::office;
  const auto own = own_address(text);
  if (!own) return Recipient::unknown;
  const bool is_signed = tokens.verify(own->purpose, own->token).has_value();
  if (own->purpose == Purpose::return_path) return is_signed ? Recipient::return_path : Recipient::forged;
  return is_signed ? Recipient::unsubscribe : Recipient::unknown;
}

}  // namespace todoku::intake
