#include "submission/submitted_mail.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "mail/address.h"
#include "mail/header.h"
#include "mail/mime_reader_header.h"
#include "mail/reflow.h"

namespace todoku::submission {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t kMostHops = 50;
constexpr std::size_t kMostFields = 1000;

Error faulty(std::string message, std::string hint = "") {
  return {ErrorCode::invalid, std::move(message), std::move(hint), ""};
}

bool is_eight_bit(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

/// One header field with its continuations, without the last line end.
struct Field {
  std::string_view name;
  std::string_view whole;
  [[nodiscard]] bool is(std::string_view wanted) const { return base::iequals(name, wanted); }
  [[nodiscard]] std::string_view value() const { return base::trim(whole.substr(whole.find(':') + 1)); }
};

bool is_name_character(char c) { return c > 0x20 && c < 0x7f && c != ':'; }

/// Takes a field off the front.
base::Result<Field> take_field(std::string_view& header) {
  std::size_t end = header.find("\r\n");
  while (end != header.npos && end + 2 < header.size() && base::ascii_blank(header[end + 2])) {
    end = header.find("\r\n", end + 2);
  }
  end = std::min(end, header.size());
  Field field{{}, header.substr(0, end)};
  header.remove_prefix(std::min(end + 2, header.size()));
  const std::size_t colon = field.whole.find(':');
  if (colon == field.whole.npos) return faulty("a line of the header is no field");
  field.name = base::trim(field.whole.substr(0, colon));
  if (field.name.empty() || base::ascii_blank(field.whole.front()) ||
      !std::ranges::all_of(field.name, is_name_character)) {
    return faulty("a line of the header is no field");
  }
  return field;
}

/// Splits at commas outside of quotes. Errors: comments, groups, an open quote.
base::Result<std::vector<std::string_view>> split_mailboxes(std::string_view list) {
  std::vector<std::string_view> parts;
  bool quoted = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const char c = list[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && std::string_view("():;[]").find(c) != std::string_view::npos) {
      return faulty("comments, groups and address literals are not taken in it");
    } else if (!quoted && c == ',') {
      parts.push_back(list.substr(start, i - start));
      start = i + 1;
    }
  }
  if (quoted) return faulty("a quote is not closed in it");
  parts.push_back(list.substr(start));
  return parts;
}

/// More than one pair of <> outside of quotes: readers disagree about which counts.
bool has_two_addresses(std::string_view mailbox) {
  bool quoted = false;
  std::size_t brackets = 0;
  for (std::size_t i = 0; i < mailbox.size(); ++i) {
    if (quoted && mailbox[i] == '\\') {
      ++i;
    } else if (mailbox[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && (mailbox[i] == '<' || mailbox[i] == '>')) {
      ++brackets;
    }
  }
  return brackets > 2;
}

/// As every reader finds it, the signer too, without the blanks that we would forgive a person.
std::string_view written_domain(std::string_view mailbox) {
  mailbox = base::trim(mailbox);
  if (mailbox.ends_with('>')) mailbox.remove_suffix(1);
  return mailbox.substr(mailbox.rfind('@') + 1);
}

/// Collects what a header says.
class HeaderReader {
 public:
  explicit HeaderReader(const SubmissionKey& key) : key_(key) {}

  base::Result<void> read(std::string_view header) {
    for (std::size_t fields = 0; !header.empty(); ++fields) {
      auto field = take_field(header);
      if (!field) return std::move(field).error();
      if (fields >= kMostFields) return faulty("the header has too many fields");
      if (auto taken = take(*field); !taken) return taken;
    }
    if (!from_) return faulty("there is no From field", "name the sender");
    return base::done;
  }

  /// The header as it goes on, with what lacks.
  [[nodiscard]] std::string take_kept() { return std::move(kept_); }
  [[nodiscard]] const std::string& message_id() const { return message_id_; }
  [[nodiscard]] bool dated() const { return dated_; }
  [[nodiscard]] const std::string& from_domain() const { return from_domain_; }

 private:
  base::Result<void> take(const Field& field) {
    if (field.is("Bcc") || field.is("Resent-Bcc") || field.is("Return-Path")) return base::done;
    if (field.is("From") && std::exchange(from_, true)) return faulty("there are two From fields");
    if (field.is("Received") && ++hops_ > kMostHops) {
      return Error{ErrorCode::limit, "it has passed too many servers: it goes in circles", "", ""};
    }
    if (field.is("From") || field.is("Sender") || field.is("Resent-From") || field.is("Resent-Sender")) {
      if (auto allowed = check_sender(field); !allowed) return allowed;
    }
    if (field.is("Message-ID")) message_id_ = mail::unfolded(field.value());
    dated_ = dated_ || field.is("Date");
    if (field.is("From")) {  // as the signer looks for it
      kept_ += "From: ";
      kept_ += field.value();
    } else {
      kept_ += field.whole;
    }
    kept_ += "\r\n";
    return base::done;
  }

  base::Result<void> check_sender(const Field& field) {
    auto domains = domains_of(field.value());
    if (!domains) return faulty("the " + std::string(field.name) + " field: " + domains.error().message);
    for (const std::string& domain : *domains) {
      if (key_.allows(domain)) continue;
      return Error{ErrorCode::refused,
                   "this key may not send for " + domain + ", which the " + std::string(field.name) + " field names",
                   "", ""};
    }
    if (field.is("From")) from_domain_ = domains->front();
    return base::done;
  }

  const SubmissionKey& key_;
  std::string kept_;
  std::string message_id_;
  std::string from_domain_;
  std::size_t hops_ = 0;
  bool from_ = false;
  bool dated_ = false;
};

}  // namespace

base::Result<std::vector<std::string>> domains_of(std::string_view value) {
  const std::string line = mail::unfolded(value);
  auto parts = split_mailboxes(line);
  if (!parts) return std::move(parts).error();
  std::vector<std::string> domains;
  for (const std::string_view part : *parts) {
    auto mailbox = mail::parse_mailbox(part);
    if (!mailbox) return faulty(mailbox.error().message);
    if (has_two_addresses(part)) return faulty("it has more than one address in <>");
    if (!base::iequals(written_domain(part), mailbox->address.ascii_domain)) {
      return faulty("a domain is not written as in DNS", "write xn--… where it has other letters");
    }
    domains.push_back(std::move(mailbox->address.ascii_domain));
  }
  return domains;
}

base::Result<SubmittedMail> prepare(std::string_view content, const SubmissionKey& key, std::string_view spare_id,
                                    base::Time now) {
  if (content.find('\0') != content.npos) return faulty("it has a NUL byte");
  std::string reflowed;
  if (mail::has_line_above(content, mail::kLongestLine)) {
    auto made = mail::reflow(content, mail::kLongestLine);
    if (!made) return faulty("a line is longer than 998 bytes, and " + made.error().message, made.error().hint);
    reflowed = *std::move(made);
    content = reflowed;
  }
  std::size_t end = content.starts_with("\r\n") ? 0 : content.find("\r\n\r\n");
  end = end == content.npos ? content.size() : end == 0 ? 0 : end + 2;
  HeaderReader header(key);
  if (auto read = header.read(content.substr(0, end)); !read) return std::move(read).error();
  SubmittedMail mail;
  mail.content = header.take_kept();
  mail.message_id = header.message_id();
  if (mail.message_id.empty()) {
    auto made = mail::message_id(spare_id, header.from_domain());
    if (!made) return std::move(made).error();
    mail.message_id = *std::move(made);
    mail.content += "Message-ID: " + mail.message_id + "\r\n";
  }
  if (!header.dated()) mail.content += "Date: " + mail::date_text(now, 0) + "\r\n";
  mail.smtputf8 = is_eight_bit(mail.content);
  const std::string_view body = content.substr(end);
  mail.eight_bit = is_eight_bit(body);
  mail.content += body.empty() ? "\r\n" : body;
  return mail;
}

}  // namespace todoku::submission
