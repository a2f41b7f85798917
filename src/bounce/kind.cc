#include "bounce/kind.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "bounce/address_scan.h"
#include "bounce/answer.h"
#include "bounce/bare_name.h"
#include "bounce/heading.h"
#include "bounce/reply_scan.h"
#include "bounce/sender.h"
#include "mail/mime_reader_header.h"

namespace todoku::bounce {
namespace {

using base::iequals;
using base::istarts_with;

constexpr std::size_t npos = std::string_view::npos;

bool contains(std::string_view lower_text, std::string_view word) { return lower_text.find(word) != npos; }

/// A person's letter begins with a salutation, also a postmaster's.
bool greeted(const Notice& notice) {
  const std::string start = base::ascii_lower(base::trim(notice.words).substr(0, 40));
  for (const std::string_view word : {"dear ", "hi ", "hello", "sehr geehrte", "guten tag", "bonjour", "estimado",
                                      "buongiorno", "お世話になって", "いつもお世話"}) {
    if (start.starts_with(word)) return true;
  }
  return false;
}

std::string_view feedback_type(const Notice& notice) {
  std::vector<mail::RawField> fields;
  mail::read_fields(notice.feedback, fields, 100);
  return mail::find_field(fields, "Feedback-Type");
}

/// Feedback types that are a reader's complaint.
bool complaint(const Notice& notice) {
  const std::string_view type = feedback_type(notice);
  return !type.empty() && !reports_authentication(notice) && !istarts_with(type, "not-spam");
}

/// Hotmail's reports: a plain mail from its staff with the mail complained about attached.
bool plain_complaint(const Notice& notice) {
  return notice.has_original && (istarts_with(notice.subject, "complaint about message from") ||
                                 !notice.header("X-HmXmrOriginalRecipient").empty());
}

Kind kind_of_status(const DeliveryStatus& status) {
  bool delayed = false;
  bool arrived = false;
  for (const RecipientStatus& one : status.recipients) {
    const int klass = one.status ? one.status->klass : 0;
    if (one.action == Action::failed || (one.action == Action::none && klass != 2)) return Kind::bounce;
    delayed = delayed || one.action == Action::delayed;
    arrived = arrived || klass == 2 || one.action == Action::delivered || one.action == Action::relayed ||
              one.action == Action::expanded;
  }
  return delayed ? Kind::delay : arrived ? Kind::delivered : Kind::bounce;
}

/// An address after such a word is no recipient: of whom something came, or whom to ask.
bool after_word_of_others(std::string_view words, std::size_t begin) {
  std::string_view before = base::trim(words.substr(0, begin));
  while (before.ends_with('<') || before.ends_with('(') || before.ends_with(':') || before.ends_with('"'))
    before = base::trim(before.substr(0, before.size() - 1));
  const std::string last = base::ascii_lower(before.substr(before.find_last_of(" \t\n") + 1));
  constexpr std::string_view kWords[] = {"from", "by", "contact", "ask", "von", "de", "expéditeur", "mittente"};
  return std::ranges::any_of(kWords, [&](std::string_view word) { return last == word; });
}

/// Whether the words name somebody other than the one whom the notice is for.
bool names_another(const Notice& notice) {
  const std::string to = base::ascii_lower(notice.header("To"));
  return std::ranges::any_of(find_addresses(notice.words, 20), [&](const FoundAddress& found) {
    return !contains(to, base::ascii_lower(found.in(notice.words))) && !after_word_of_others(notice.words, found.begin);
  });
}

/// Nobody but a mail system writes so, and mostly of mail that failed: a bounce even in words that cues.h does not
/// have.
bool nothing_but_a_bounce(const Notice& notice) {
  if (!notice.null_path || notice.says(Cue::auto_reply) || has_cue(notice.subject_cues, Cue::auto_reply)) return false;
  if (!mail_systems_mailbox(notice) && !named_after_mail_server(notice)) return false;
  return names_another(notice) || notice.has_original || !notice.original.empty() ||
         !notice.header("X-Failed-Recipients").empty();
}

/// The form of a mail system's notice, or its mailbox.
bool mail_systems_form(const Notice& notice) {
  return mail_systems_mailbox(notice) || !notice.header("X-Failed-Recipients").empty() || notice.has_original ||
         !notice.original.empty() || notice.says(Cue::format) || notice.says(Cue::list) ||
         istarts_with(notice.header("Content-Type"), "multipart/report");
}

/// Marks of a mail system beside the lack of a return path, which shops' mails may lack, too.
bool marked_as_mail_systems(const Notice& notice) { return system_sender(notice) || mail_systems_form(notice); }

bool subject_tells_failure(const Notice& notice) {
  return has_cue(notice.subject_cues, Cue::subject) || has_cue(notice.subject_cues, Cue::failed) ||
         (has_cue(notice.subject_cues, Cue::refused) && marked_as_mail_systems(notice));
}

/// The words say that a mail was given up; that anything was refused, only where a mail system says so.
bool tells_failure(const Notice& notice) {
  return notice.says(Cue::failed) ||
         (notice.says(Cue::refused) && (marked_as_mail_systems(notice) || subject_tells_failure(notice)));
}

/// A mailbox that nobody reads answers that the mail to somebody else failed: no reader's own reply is of another. A
/// desk to ask is named by banks and shops, too, whose transfers and parcels failed.
bool machine_answers_for_another(const Notice& notice) {
  return notice.null_path && machine_sender(notice) && subject_tells_failure(notice) && tells_failure(notice) &&
         !notice.says(Cue::auto_reply) && !has_cue(notice.subject_cues, Cue::auto_reply) &&
         std::ranges::any_of(find_addresses(notice.words, 20), [&](const FoundAddress& found) {
           return owner_of(notice, found.in(notice.words)) == Owner::stranger &&
                  !after_word_of_others(notice.words, found.begin);
         });
}

/// Late and still tried: in a phrase of such notices, or in any words that it is not there yet and will be tried again.
bool tells_delay(const Notice& notice) {
  return notice.says(Cue::delayed) ||
         (notice.says(Cue::not_yet) && notice.says(Cue::again) && !notice.says(Cue::ended) && system_sender(notice));
}

/// A shop's, a carrier's or a bank's mail: what was not delivered was no mail.
bool of_goods(const Notice& notice) {
  return !marked_as_mail_systems(notice) && (notice.says(Cue::goods) || has_cue(notice.subject_cues, Cue::goods));
}

/// A report on many mails, or a request to a list's owner.
bool of_many(const Notice& notice) {
  return (notice.says(Cue::summary) || has_cue(notice.subject_cues, Cue::summary)) && !notice.has_original &&
         notice.original.empty() && notice.header("X-Failed-Recipients").empty();
}

/// A scanner sums up a mail of ours that it stopped: its sender on one line and its recipient on another, whatever the
/// scanner calls itself.
bool sums_up_an_infected_mail(const Notice& notice) {
  const bool stopped = notice.null_path && tells_failure(notice);
  if (!notice.says(Cue::virus) || !(stopped || has_cue(notice.subject_cues, Cue::virus)) || conversation(notice))
    return false;
  const std::string to = base::ascii_lower(notice.header("To"));
  const auto lines = lines_of(notice.words);
  // Where only the recipient has a line, it has to say that the mail did not get there.
  bool from_us = stopped, to_another = false;
  std::size_t line = 0;
  for (const FoundAddress& found : find_addresses(notice.words, 20)) {
    while (line + 1 < lines.size() && lines[line].end <= found.begin) ++line;
    const bool ours = contains(to, base::ascii_lower(found.in(notice.words)));
    const bool senders = names_sender(notice.words, lines, line);
    from_us = from_us || (ours && senders);
    to_another = to_another || (!ours && !senders);
  }
  return from_us && to_another;
}

/// Weighs what speaks for a bounce that has no report's structure.
int weight(const Notice& notice) {
  int sum = 0;
  if (system_sender(notice)) sum += 2;
  if (machine_sender(notice)) sum += 1;
  if (notice.null_path) sum += 1;
  if (nothing_but_a_bounce(notice)) sum += 1;
  if (automatic(notice)) sum += 1;
  if (!notice.header("X-Failed-Recipients").empty()) sum += 3;
  if (subject_tells_failure(notice)) sum += 2;
  if (tells_failure(notice) || tells_delay(notice)) sum += 2;
  if (notice.says(Cue::list)) sum += 2;
  if (notice.says(Cue::virus) && mail_systems_mailbox(notice)) sum += 2;
  if (has_cue(notice.subject_cues, Cue::list)) sum += 2;
  const bool managers = iequals(notice.header("X-List-Administrivia"), "yes") || lists_mailbox(notice);
  if (notice.says(Cue::list) && managers) sum += 1;
  if (!notice.null_path && notice.header("Auto-Submitted").empty() && greeted(notice)) sum -= 2;
  if (notice.says(Cue::format) || notice.says(Cue::stage)) sum += 1;
  if (notice.says(Cue::original) || notice.has_original || !notice.original.empty()) sum += 1;
  if (istarts_with(notice.header("Content-Type"), "multipart/report")) sum += 1;
  if (sums_up_an_infected_mail(notice)) sum += 4;
  if (conversation(notice)) sum -= 4;
  return sum;
}

constexpr int kBounceWeight = 4;

/// Services that send for others, by their own domains: what they write to their customers comes from there.
bool from_a_sending_service(const Notice& notice) {
  constexpr std::string_view kDomains[] = {"postmarkapp.com", "mtasv.net",      "sendgrid.com",    "sendgrid.net",
                                           "mailgun.com",     "mailgun.org",    "sparkpost.com",   "mailjet.com",
                                           "brevo.com",       "sendinblue.com", "mandrillapp.com", "elasticemail.com",
                                           "smtp2go.com",     "socketlabs.com", "resend.com",      "mailersend.com"};
  const std::string address = base::ascii_lower(notice.from_address);
  return std::ranges::any_of(kDomains, [&](std::string_view domain) {
    return address.ends_with(domain) && address.size() > domain.size() &&
           (address[address.size() - domain.size() - 1] == '@' || address[address.size() - domain.size() - 1] == '.');
  });
}

/// It opens with the failure, and with whose: an address of neither the customer nor the service itself.
bool opens_with_a_failure(const Notice& notice) {
  constexpr std::size_t kOpening = 400;
  const auto opening = cues_within(notice.cues, 0, kOpening);
  if (!has_cue(opening, Cue::failed) && !has_cue(opening, Cue::refused)) return false;
  const std::string from = base::ascii_lower(notice.from_address), to = base::ascii_lower(notice.header("To"));
  const std::string_view service = std::string_view(from).substr(from.find('@') + 1);
  return std::ranges::any_of(find_addresses(notice.words.substr(0, kOpening), 20), [&](const FoundAddress& found) {
    const std::string address = base::ascii_lower(found.in(notice.words));
    return !contains(to, address) && !address.ends_with(service) && !after_word_of_others(notice.words, found.begin);
  });
}

/// A sending service's mail to its customer: automatic and no answer, that opens with the failure and has a line for
/// whom the mail was for and a server's whole reply. A ticket or a thread may hold the same, quoted by somebody.
bool of_a_sending_service(const Notice& notice) {
  if (from_a_sending_service(notice)) return opens_with_a_failure(notice) && !conversation(notice);
  if (!machine_sender(notice) || !istarts_with(notice.header("Auto-Submitted"), "auto-generated")) return false;
  if (!notice.header("In-Reply-To").empty() || !notice.header("References").empty()) return false;
  if (notice.subject.find_first_of("[#") != npos) return false;
  const ReplyFacts reply = scan_reply(notice.words, notice.cues);
  if (!reply.code || !reply.status) return false;
  constexpr std::size_t kOpening = 300;
  if (!has_cue(cues_within(notice.cues, 0, kOpening), Cue::failed)) return false;
  return std::ranges::any_of(cues_within(notice.cues, 0, 2 * kOpening), [&](const CueHit& cue) {
    if (cue.cue != Cue::recipients) return false;
    const std::size_t begin = cue.begin == 0 ? 0 : notice.words.rfind('\n', cue.begin - 1) + 1;
    const std::string_view line = notice.words.substr(begin, notice.words.find('\n', cue.end) - begin);
    const auto found = find_addresses(line, 1);
    return !found.empty() && line.substr(0, found.front().begin).find(':') != npos;
  });
}

/// Something that only a mail system gives a mail; a shop's machine too writes that a delivery failed.
bool of_a_mail_system(const Notice& notice) {
  // A display name is anybody's; that of a mail system goes without a return path.
  const bool by_name = notice.header("Return-Path").empty() && mail_systems_name(notice);
  return by_name || notice.null_path || mail_systems_form(notice) || of_a_sending_service(notice) ||
         sums_up_an_infected_mail(notice);
}

/// A list's manager answers that it does not take the mail.
bool refused_by_list(const Notice& notice) {
  return notice.says(Cue::list) && !notice.says(Cue::auto_reply) && !conversation(notice);
}

/// A mail on a mailbox of ours ("yours is nearly full") names nobody else who failed and returns nothing.
bool of_nobody(const Notice& notice) {
  return !notice.has_original && notice.original.empty() && notice.subject_cues.empty() &&
         !notice.says(Cue::recipients) && notice.header("X-Failed-Recipients").empty() && !notice.says(Cue::list) &&
         !names_another(notice);
}

bool forwarded_bounce(const Notice& notice) {
  if (!notice.sent_on() || !has_cue(notice.subject_cues, Cue::subject)) return false;
  const std::string words = base::ascii_lower(notice.text.substr(0, 4096));
  return !notice.notice_inside.empty() || contains(words, "mailer-daemon") || contains(words, "mail delivery s");
}

/// A person writes about a bounce and quotes it, whatever words of a mail system are in it.
bool letter_on_a_bounce(const Notice& notice) {
  return may_be_letter(notice) && !of_a_sending_service(notice) && !system_sender(notice) && !machine_sender(notice) &&
         notice.header("X-Failed-Recipients").empty() && !notice.says(Cue::list) && !notice.says(Cue::virus);
}

/// Parts that only notices and reports have.
bool has_report_part(const Notice& notice) {
  constexpr std::string_view kParts[] = {"delivery-status", "global-delivery-status", "feedback-report",
                                         "disposition-notification"};
  return std::ranges::any_of(notice.mail.parts(), [&](const mail::MimePart& part) {
    return std::ranges::any_of(kParts, [&](std::string_view name) { return part.is("message", name); });
  });
}

}  // namespace

bool reports_authentication(const Notice& notice) {
  const std::string_view type = feedback_type(notice);
  return istarts_with(type, "auth") || istarts_with(type, "dmarc");
}

bool may_be_letter(const Notice& notice) {
  return !notice.null_path && !notice.header("Return-Path").empty() && !automatic(notice) && !notice.has_original &&
         notice.original.empty();
}

bool passes_on(const Notice& notice) {
  const bool machine = system_sender(notice) || (automatic(notice) && notice.null_path);
  return !notice.sent_on() && !notice.notice_inside.empty() && machine && notice.status.empty() &&
         istarts_with(notice.header("Content-Type"), "multipart/mixed") && !names_another(notice) &&
         !conversation(notice);
}

bool may_be_notice(const Notice& notice) {
  constexpr std::string_view kFields[] = {
      "X-Failed-Recipients",      "X-Autoreply",      "X-Autorespond",           "X-Autogenerated", "Auto-Submitted",
      "X-HmXmrOriginalRecipient", "X-AutoReply-From", "X-Auto-Response-Suppress"};
  if (notice.null_path || system_sender(notice) || machine_sender(notice) || !notice.subject_cues.empty()) return true;
  if (std::ranges::any_of(kFields, [&](std::string_view name) { return !notice.header(name).empty(); })) return true;
  if (istarts_with(notice.header("Content-Type"), "multipart/report") || has_report_part(notice)) return true;
  return istarts_with(notice.header("Precedence"), "auto") || marked_as_junk(notice) || auto_reply(notice) ||
         answers_as_nobody_does(notice) || contains(base::ascii_lower(notice.subject), "complaint");
}

Recognised recognise(const Notice& notice, const DeliveryStatus& status) {
  if (complaint(notice) || plain_complaint(notice)) return {Kind::complaint, false};
  if ((system_sender(notice) || automatic(notice)) && notice.says(Cue::complaint)) return {Kind::complaint, false};
  const bool report = istarts_with(notice.header("Content-Type"), "multipart/report");
  if (!status.recipients.empty()) {
    const bool trusted =
        (notice.status_is_report && report && !conversation(notice)) || weight(notice) >= kBounceWeight;
    if (trusted) {
      Kind kind = kind_of_status(status);
      // OpenSMTPD gives up with "Action: delayed"; its words say which it is.
      if (kind == Kind::delay && notice.says(Cue::gave_up)) kind = Kind::bounce;
      return {kind, true};
    }
  }
  if (notice.disposition)
    return {tells_failure(notice) && system_sender(notice) ? Kind::bounce : Kind::auto_reply, false};
  if (forwarded_bounce(notice) || passes_on(notice)) return {Kind::bounce, false};
  if (of_many(notice)) return {};
  const bool failed = tells_failure(notice) || subject_tells_failure(notice) ||
                      (notice.says(Cue::virus) && mail_systems_mailbox(notice));  // its report goes as an answer, too
  const bool mail_system = system_sender(notice) || !notice.header("X-Failed-Recipients").empty() ||
                           has_cue(notice.subject_cues, Cue::subject) || notice.refused_by_mailbox();
  const bool challenge = notice.says(Cue::challenge) && !(mail_systems_mailbox(notice) && failed);
  if (challenge || (notice.says(Cue::held) && !tells_failure(notice))) return {Kind::auto_reply, false};
  // Exim's bounces, too, call themselves auto-replied; what it writes to the postmaster is of its own queue.
  const bool machine_answers = machine_answers_for_another(notice);
  const bool system_answers =
      (nothing_but_a_bounce(notice) && !contains(base::ascii_lower(notice.header("To")), "postmaster@")) ||
      machine_answers;
  if (auto_reply(notice) && !(mail_system && failed) && !refused_by_list(notice) && !system_answers)
    return {Kind::auto_reply, false};
  if (auto_reply(notice) && !of_a_mail_system(notice)) return {Kind::auto_reply, false};
  if (of_goods(notice) || letter_on_a_bounce(notice)) return {};
  const bool told = failed || tells_delay(notice) || notice.says(Cue::virus) || notice.says(Cue::list);
  if (weight(notice) < kBounceWeight || !of_a_mail_system(notice) || of_nobody(notice) ||
      !(told || nothing_but_a_bounce(notice))) {
    return {notice.says(Cue::delivered) && mail_system ? Kind::delivered : Kind::other, false};
  }
  if (notice.says(Cue::delivered) && !tells_failure(notice)) return {Kind::delivered, false};
  const bool only_if_read = !(marked_as_mail_systems(notice) || machine_answers) ||
                            (!told && (auto_reply(notice) || !istarts_with(notice.from_address, "mailer-daemon@")));
  const bool late = tells_delay(notice) || (has_cue(notice.subject_cues, Cue::delayed) && !notice.says(Cue::gave_up));
  return {late ? Kind::delay : Kind::bounce, false, only_if_read};
}

}  // namespace todoku::bounce
