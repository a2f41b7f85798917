#include "intake/mail_trace.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "mail/mime_reader_header.h"

namespace todoku::intake {
namespace {

using tracking::MailId;
using tracking::Purpose;

constexpr std::size_t kMostFields = 200;
constexpr std::size_t kLongestToken = 64;
constexpr std::size_t kMostTokens = 200;  // tried in one content

struct Mark {
  std::string_view text;
  Purpose purpose;
};
// How tokens stand in our mails' addresses, links and fields.
constexpr auto kMarks = std::to_array<Mark>({{"bounces+", Purpose::return_path},
                                             {"unsubscribe+", Purpose::unsubscribe},
                                             {"/u/", Purpose::unsubscribe},
                                             {"X-Todoku-Trace: ", Purpose::message_id}});

bool of_token(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); }

std::string_view token_at(std::string_view text) {
  const auto* end = std::ranges::find_if_not(text.substr(0, kLongestToken), of_token);
  return text.substr(0, static_cast<std::size_t>(end - text.data()));
}

/// The addresses in a header field, roughly: whatever stands around an @.
std::vector<std::string_view> addresses_in(std::string_view value) {
  std::vector<std::string_view> found;
  const auto inner = [](char c) {
    return static_cast<unsigned char>(c) > ' ' && std::string_view("<>,;:\"()").find(c) == std::string_view::npos;
  };
  for (std::size_t at = value.find('@'); at != value.npos; at = value.find('@', at + 1)) {
    std::size_t begin = at, end = at;
    while (begin > 0 && inner(value[begin - 1])) --begin;
    while (end < value.size() && inner(value[end])) ++end;
    found.push_back(value.substr(begin, end - begin));
  }
  return found;
}

std::vector<std::string> recipients_of(const Arrival& arrival) {
  if (!arrival.recipient.empty()) return {arrival.recipient};
  std::vector<mail::RawField> fields;
  mail::read_fields(arrival.content, fields, kMostFields);
  std::vector<std::string> found;
  for (const std::string_view name : {"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"}) {
    for (const mail::RawField& field : fields) {
      if (!base::iequals(field.name, name)) continue;
      for (const std::string_view address : addresses_in(field.value)) found.emplace_back(address);
    }
  }
  return found;
}

std::optional<MailId> find_token(const tracking::Tokens& tokens, std::string_view content) {
  std::size_t tried = 0;
  for (const Mark& mark : kMarks) {
    for (std::size_t at = content.find(mark.text); at != content.npos && tried < kMostTokens;
         at = content.find(mark.text, at + 1), ++tried) {
      if (auto mail = tokens.verify(mark.purpose, token_at(content.substr(at + mark.text.size())))) return mail;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(FoundBy found_by) {
  switch (found_by) {
    case FoundBy::none:
      return "";
    case FoundBy::return_path:
      return "return_path";
    case FoundBy::message_id:
      return "message_id";
    case FoundBy::header:
      return "header";
    case FoundBy::feedback_id:
      return "feedback_id";
    case FoundBy::recipient:
      return "recipient";
  }
  return "";
}

std::optional<OwnAddress> own_address(std::string_view address) {
  const std::string_view local = address.substr(0, address.rfind('@'));
  const std::size_t plus = local.find('+');
  if (plus == local.npos) return std::nullopt;
  const std::string_view name = local.substr(0, plus);
  if (base::iequals(name, "bounces")) return OwnAddress{Purpose::return_path, local.substr(plus + 1)};
  if (base::iequals(name, "unsubscribe")) return OwnAddress{Purpose::unsubscribe, local.substr(plus + 1)};
  return std::nullopt;
}

Trace trace_recipient(const tracking::Tokens& tokens, const Arrival& arrival) {
  Trace trace;
  for (const std::string& recipient : recipients_of(arrival)) {
    const auto own = own_address(recipient);
    if (!own) continue;
    trace.mail = tokens.verify(own->purpose, own->token);
    trace.forged = !trace.mail;
    if (trace.forged) continue;
    trace.found_by = FoundBy::return_path;
    trace.refusal = own->purpose == Purpose::unsubscribe;
    return trace;
  }
  return trace;
}

Trace trace_original(const tracking::Tokens& tokens, const bounce::OriginalMail& original, std::string_view content) {
  Trace trace;
  if (const auto own = own_address(original.return_path)) {
    trace.mail = tokens.verify(own->purpose, own->token);
    if (trace.mail) trace.found_by = FoundBy::return_path;
  }
  if (!trace.mail) {
    const std::string_view id = original.message_id;
    trace.mail = tokens.verify(Purpose::message_id, id.substr(0, id.find('@')));
    if (trace.mail) trace.found_by = FoundBy::message_id;
  }
  if (!trace.mail) {
    trace.mail = find_token(tokens, content);
    if (trace.mail) trace.found_by = FoundBy::header;
  }
  return trace;
}

}  // namespace todoku::intake
