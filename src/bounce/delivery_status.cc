#include "bounce/delivery_status.h"

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/reply_scan.h"
#include "mail/mime_reader_header.h"

namespace todoku::bounce {
namespace {

using base::iequals;

Action action_of(std::string_view value) {
  constexpr std::pair<std::string_view, Action> kWords[] = {
      {"fail", Action::failed},       {"delay", Action::delayed},  {"deliverable", Action::delivered},
      {"deliver", Action::delivered}, {"relay", Action::relayed},  {"expand", Action::expanded},
      {"expired", Action::failed},    {"error", Action::failed},   {"hard", Action::failed},
      {"undeliver", Action::failed},  {"<failed", Action::failed}, {"reject", Action::failed},
  };
  for (const auto& [word, action] : kWords) {
    if (base::istarts_with(value, word)) return action;
  }
  return Action::none;
}

/// "5.1.1 (bad destination mailbox address)", "5.1.1", "#5.1.1", "5.1" too.
std::optional<smtp::EnhancedStatus> status_of(std::string_view value) {
  const std::size_t begin = value.find_first_of("245");
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = value.substr(begin);
  const std::string word(rest.substr(0, rest.find_first_not_of("0123456789.")));
  if (auto status = smtp::EnhancedStatus::parse(word)) return status;
  if (word.size() == 1) return smtp::EnhancedStatus::parse(word + ".0.0");
  return smtp::EnhancedStatus::parse(word + ".0");
}

/// Without the type before its semicolon ("smtp; 550 …"); `typed` says whether it was one of SMTP's.
std::string diagnostic_of(std::string_view value, bool& typed) {
  constexpr auto npos = std::string_view::npos;
  const std::size_t semicolon = value.find(';');
  if (semicolon != std::string_view::npos && semicolon < 24) {
    const std::string_view type = base::trim(value.substr(0, semicolon));
    if (type.find_first_of(" \t.<>@") == std::string_view::npos) {
      typed = iequals(type, "smtp") || iequals(type, "x-postfix") || iequals(type, "lmtp");
      // A program's exit status alone is no text: its type says what it is.
      const bool bare = base::trim(value.substr(semicolon + 1)).find_first_not_of("0123456789") == npos;
      if (!bare || typed) value.remove_prefix(semicolon + 1);
    }
  }
  return joined_reply(value);
}

class GroupReader {
 public:
  GroupReader(DeliveryStatus& out, std::size_t limit) : out_(out), limit_(limit) {}

  void group(const std::vector<mail::RawField>& fields) {
    flush();
    for (const auto& field : fields) take(field.name, field.value);
    flush();
  }

 private:
  void take(std::string_view name, std::string_view value) {
    if (iequals(name, "Reporting-MTA")) {
      out_.reporting_mta = address_of_field(value);
    } else if (iequals(name, "Final-Recipient")) {
      if (!final_.empty() || (!original_.empty() && now_.action != Action::none)) flush();
      final_ = address_of_field(value);
    } else if (iequals(name, "Original-Recipient")) {
      if (!original_.empty()) flush();
      original_ = address_of_field(value);
    } else if (iequals(name, "X-Actual-Recipient")) {
      actual_ = address_of_field(value);
    } else if (iequals(name, "Action")) {
      if (now_.action != Action::none && (!final_.empty() || !original_.empty())) flush();
      now_.action = action_of(value);
      touched_ = true;
    } else if (iequals(name, "Status")) {
      now_.status = status_of(value);
      touched_ = true;
    } else if (iequals(name, "Remote-MTA")) {
      now_.remote_mta = address_of_field(value);
    } else if (tells_why(name)) {
      std::string text = diagnostic_of(value, now_.smtp_diagnostic);
      if (text.find("=?") != std::string::npos) text = mail::decoded_header(text);
      if (!now_.diagnostic.empty()) now_.diagnostic += ' ';
      now_.diagnostic += text;
      touched_ = true;
    }
  }

  /// X-LED: Exchange's "last error description", beside a code that only says that it is late.
  bool tells_why(std::string_view name) const {
    return iequals(name, "Diagnostic-Code") || iequals(name, "X-LED") ||
           (iequals(name, "X-Supplementary-Info") && now_.diagnostic.empty());
  }

  void flush() {
    const bool usable = !final_.empty() || !original_.empty() || touched_;
    if (usable && out_.recipients.size() < limit_) {
      now_.original = original_;
      // A name that only the receiving system has for the mailbox is none to write to (Notes: "Neko
      // Tarou/ORG"@a.example).
      const bool named = final_.starts_with('"') && final_.find('/') != std::string::npos && !original_.empty();
      const std::size_t at = final_.find('@');
      // So is a mailbox in a domain of one word, the name of a program or a host ("aoi@ims-ms-daemon").
      const bool inside = at != std::string::npos && final_.find_first_of(".[:", at) == std::string::npos &&
                          original_.find('@') != std::string::npos;
      const bool mailbox = at != std::string::npos && !named && !inside;
      now_.address = mailbox ? final_ : !original_.empty() ? original_ : !actual_.empty() ? actual_ : final_;
      out_.recipients.push_back(std::move(now_));
    }
    now_ = {};
    final_.clear();
    original_.clear();
    actual_.clear();
    touched_ = false;
  }

  DeliveryStatus& out_;
  std::size_t limit_;
  RecipientStatus now_;
  std::string final_;
  std::string original_;
  std::string actual_;
  bool touched_ = false;
};

}  // namespace

DeliveryStatus read_delivery_status(std::string_view text, std::size_t limit) {
  DeliveryStatus out;
  GroupReader reader(out, limit);
  std::vector<mail::RawField> fields;
  while (!text.empty() && out.recipients.size() < limit) {
    while (!text.empty() && base::ascii_space(text.front())) text.remove_prefix(1);
    fields.clear();
    const std::size_t next = mail::read_fields(text, fields, 200);
    if (!fields.empty()) {
      reader.group(fields);
      text.remove_prefix(next);
    } else {  // no field: a line of something else
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    }
  }
  return out;
}

}  // namespace todoku::bounce
