#include "bounce/notice.h"

#include <algorithm>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/html_text.h"
#include "bounce/sent_on.h"

namespace todoku::bounce {
namespace {

using base::iequals;
using base::istarts_with;

constexpr std::size_t kTextLimit = 64 * 1024;  // of one text part
constexpr std::size_t kStatusLimit = 512 * 1024;

bool blank(std::string_view text) { return base::trim(text).empty(); }

bool looks_like_html(std::string_view text) {
  text = base::trim(text.substr(0, 200));
  return istarts_with(text, "<html") || istarts_with(text, "<!doctype html");
}

bool quoted(std::string_view text, std::size_t at) {
  const std::size_t line = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  return text.substr(line, 1) == ">";
}

/// A forwarded text as it was before it was quoted.
std::string unquoted(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("> ")) line.remove_prefix(2);
    if (line == ">") line = {};
    out += line;
    out += '\n';
  }
  return out;
}

bool is_mail_systems(std::string_view from) {
  constexpr std::string_view kNames[] = {"mailer-daemon", "mail delivery", "postmaster", "microsoftexchange329e"};
  const std::string sender = base::ascii_lower(from);
  return std::ranges::any_of(kNames, [&](std::string_view name) { return sender.find(name) != std::string::npos; });
}

/// Mail programs that sum up a mail they send on name its fields in their users' language.
bool written_by_mail_system(std::span<const mail::RawField> header) {
  return std::ranges::any_of(header, [](const mail::RawField& field) {
    constexpr std::string_view kNames[] = {"From", "Von", "De", "Da", "Van", "Fra", "Od"};
    if (std::ranges::none_of(kNames, [&](std::string_view name) { return iequals(name, field.name); })) return false;
    return is_mail_systems(field.value);
  });
}

}  // namespace

Notice::Notice(std::string_view bytes) : mail(bytes) { read_headers(); }

void Notice::read_words() {
  read_parts();
  split_words();
}

bool Notice::says(Cue cue) const {
  return std::ranges::any_of(cues, [&](const CueHit& hit) { return hit.cue == cue && !quoted(words, hit.begin); });
}

bool Notice::refused_by_mailbox() const {
  return std::ranges::any_of(cues,
                             [&](const CueHit& hit) { return hit.format == "sieve" && !quoted(words, hit.begin); });
}

void Notice::read_headers() {
  subject = mail::decoded_header(header("Subject"));
  subject_cues = find_cues(subject);
  from = mail::decoded_header(header("From"));
  const auto found = find_addresses(from);
  if (!found.empty()) from_address = std::string(found.back().in(from));
  const std::string_view path = header("Return-Path");
  null_path = path == "<>" || (path.empty() && base::trim(header("From")) == "<>");
}

void Notice::read_parts() {
  const auto parts = mail.parts();
  std::vector<bool> inside(parts.size());  // an attached mail
  std::string html;
  int texts = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const mail::MimePart& part = parts[i];
    if (part.parent >= 0) {
      const mail::MimePart& parent = parts[static_cast<std::size_t>(part.parent)];
      inside[i] = inside[static_cast<std::size_t>(part.parent)] || iequals(parent.type, "message");
    }
    if (inside[i] || (part.has_children && !iequals(part.type, "message"))) continue;
    if (!iequals(part.type, "text") || iequals(part.subtype, "rfc822-headers")) {
      read_part(part);
    } else if (has_original || !status.empty() || istarts_with(mail.field(part, "Content-Disposition"), "attachment")) {
      continue;
    } else if (iequals(part.subtype, "html")) {
      if (html.empty() && part.body.size() < 4 * kTextLimit) html = html_text(mail.text(part, 4 * kTextLimit));
    } else if (texts < 3) {
      std::string more = mail.text(part, kTextLimit);
      if (looks_like_html(more)) more = html_text(more);
      if (blank(more)) continue;
      if (texts++ > 0) text += "\n\n";
      text += more;
    }
  }
  if (blank(text) && !html.empty()) {
    text = std::move(html);
    html_only = true;
  }
}

void Notice::read_part(const mail::MimePart& part) {
  if (iequals(part.type, "multipart")) {  // one without parts: what stands in it is text
    if (text.empty()) text = mail.text(part, kTextLimit);
    return;
  }
  if (part.is("message", "delivery-status") || part.is("message", "global-delivery-status")) {
    if (!status.empty()) status += "\n\n";
    status += mail.text(part, kStatusLimit);
    status_is_report = status_is_report || part.depth <= 1;
  } else if (part.is("message", "feedback-report")) {
    feedback = mail.text(part, kTextLimit);
  } else if (part.is("message", "disposition-notification")) {
    disposition = true;
  } else if (!has_original) {
    take_original(part);
  }
}

void Notice::take_original(const mail::MimePart& part) {
  const bool headers =
      part.is("text", "rfc822-headers") || part.is("message", "rfc822-headers") || part.is("message", "global-headers");
  if (!headers && !part.is("message", "rfc822") && !part.is("message", "global")) return;
  has_original = true;
  if (part.has_children) {
    notice_inside = part.body;
    const std::size_t child = static_cast<std::size_t>(&part - mail.parts().data()) + 1;
    const auto fields = mail.fields(mail.parts()[child]);
    original.assign(fields.begin(), fields.end());
    if (!written_by_mail_system(original)) notice_inside = {};
    return;
  }
  original_text = mail.text(part, kTextLimit);
  std::string_view rest = original_text;
  while (!rest.empty() && base::ascii_space(rest.front())) rest.remove_prefix(1);
  mail::read_fields(rest, original, 500);
}

bool Notice::sent_on() const {
  constexpr std::string_view kMarks[] = {"fwd:", "fw:", "wg:",     "tr:",         "rv:",   "enc:",  "i:",
                                         "vs:",  "vb:", "doorst:", "vidaresänt:", "转发:", "轉寄:", "転送:"};
  return std::ranges::any_of(kMarks, [&](std::string_view mark) { return istarts_with(subject, mark); });
}

void Notice::split_words() {
  if (sent_on()) text = unquoted(text);
  split_original();
  if (sent_on() && notice_inside.empty() && !has_original) take_sent_on();
}

void Notice::take_sent_on() {
  const auto head = sent_on_head(text);
  if (!head || !is_mail_systems(head->from)) return;
  sent_on_mail = as_mail(*head, text);
  notice_inside = sent_on_mail;
}

void Notice::split_original() {
  // Cues are sought in the words alone: the returned mail may be long.
  const std::string_view before_header = std::string_view(text).substr(0, header_begin(text));
  cues = find_cues(before_header);
  const std::size_t end = original_begin(before_header, cues);
  words = std::string_view(text).substr(0, end);
  cues.resize(cues_within(cues, 0, end).size());
  if (has_original || end == text.size()) return;
  std::string_view rest = std::string_view(text).substr(end);
  for (int skipped = 0; skipped < 6 && !rest.empty(); ++skipped) {  // the line that says so, dashes, blanks
    std::vector<mail::RawField> fields;
    while (!rest.empty() && base::ascii_space(rest.front())) rest.remove_prefix(1);
    mail::read_fields(rest, fields, 500);
    if (fields.size() >= 2) {
      original = std::move(fields);
      if (written_by_mail_system(original)) notice_inside = rest;
      return;
    }
    rest.remove_prefix(std::min(rest.find('\n'), rest.size()));
  }
}

}  // namespace todoku::bounce
