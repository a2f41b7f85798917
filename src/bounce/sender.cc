#include "bounce/sender.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t npos = std::string_view::npos;

bool contains(std::string_view lower_text, std::string_view word) { return lower_text.find(word) != npos; }

std::string local_part(const Notice& notice) {
  return base::ascii_lower(std::string_view(notice.from_address).substr(0, notice.from_address.find('@')));
}

/// The sender's name and the part before the @: whatever the domain is called, it says nothing of who writes.
std::string sender_words(const Notice& notice) {
  std::string words = base::ascii_lower(notice.from);
  const std::size_t at = words.rfind('@');
  if (at != npos) words.erase(at, words.find_first_of("> \t", at) - at);
  return words;
}

/// Names that nobody but a mail system bears.
bool has_mail_systems_name(std::string_view lower_text) {
  constexpr std::string_view kNames[] = {"mailer-daemon",
                                         "mailer_daemon",
                                         "postmaster",
                                         "post_master",
                                         "mail delivery",
                                         "mail.delivery",
                                         "mailer daemon",
                                         "mdaemon",
                                         "maildaemon",
                                         "delivery subsystem",
                                         "mail administrator",
                                         "posta-certificata",
                                         "mailsweeper",
                                         "mailadmin",
                                         "mailmaster",
                                         "mail_master",
                                         "guardianwall",
                                         "guardian wall",
                                         "multimedia message",
                                         "listserv",
                                         "sympa@",
                                         "majordomo",
                                         "mail-daemon",
                                         "smtp server",
                                         "ndr@",
                                         "interscan",
                                         "mailguard",
                                         "message-gateway",
                                         "mailmarshal",
                                         "system administrator",
                                         "symantec_antivirus",
                                         "symantec antivirus",
                                         "microsoftexchange329e",
                                         "mailscanner",
                                         "scanmail",
                                         "groupshield",
                                         "fortimail",
                                         "ironport",
                                         "imsva@",
                                         "imss@",
                                         "amavis",
                                         "mail transfer agent",
                                         "antigen",
                                         "mailessentials",
                                         "puremessage",
                                         "messagelabs",
                                         "mailcleaner",
                                         "spamtitan",
                                         "mail gateway",
                                         "email gateway",
                                         "mail filter",
                                         "mailfilter",
                                         "spam filter",
                                         "spamfilter",
                                         "content filter",
                                         "content-filter",
                                         "mail security",
                                         "email security"};
  return std::ranges::any_of(kNames, [&](std::string_view name) { return contains(lower_text, name); });
}

}  // namespace

bool mail_systems_mailbox(const Notice& notice) {
  const std::string_view address = notice.from_address;
  const std::string_view domain = address.substr(std::min(address.find('@'), address.size()));
  const std::string local = local_part(notice);
  return address.empty() || has_mail_systems_name(local + '@') || local == "smtp" || contains(domain, "amazonses") ||
         contains(domain, "amazonaws");
}

bool system_sender(const Notice& notice) {
  constexpr std::string_view kWords[] = {"mail system",  "mail router", "bounce",    "symantec",   "mail server",
                                         "mailserver",   "antivirus",   "virus",     "messenger",  "virenschutz",
                                         "virenscanner", "antispam",    "anti-spam", "anti-virus", "антивирус",
                                         "антиспам",     "ウイルス",    "防病毒",    "反垃圾",     "스팸"};
  const std::string from = sender_words(notice);
  if (mail_systems_mailbox(notice) || has_mail_systems_name(from)) return true;
  return std::ranges::any_of(kWords, [&](std::string_view word) { return contains(from, word); });
}

bool mail_systems_name(const Notice& notice) { return has_mail_systems_name(sender_words(notice)); }

bool named_after_mail_server(const Notice& notice) {
  constexpr std::string_view kNames[] = {"mail server", "mailserver", "mail system", "mailsystem", "mail router"};
  const std::string from = sender_words(notice);
  return std::ranges::any_of(kNames, [&](std::string_view name) { return contains(from, name); });
}

bool daemon_sender(const Notice& notice) {
  constexpr std::string_view kNames[] = {"mailer-daemon@", "postmaster@", "post_master@", "mdaemon@"};
  return notice.from_address.empty() || std::ranges::any_of(kNames, [&](std::string_view name) {
           return base::istarts_with(notice.from_address, name);
         });
}

bool lists_mailbox(const Notice& notice) {
  const std::string local = local_part(notice);
  constexpr std::string_view kEnds[] = {"-admin", "-owner", "-request", "-bounces"};
  return local.starts_with("owner-") ||
         std::ranges::any_of(kEnds, [&](std::string_view end) { return local.ends_with(end); });
}

bool machine_sender(const Notice& notice) {
  const std::string local = local_part(notice);
  constexpr std::string_view kNames[] = {"no-reply", "noreply", "no_reply", "donotreply", "do-not-reply"};
  return lists_mailbox(notice) ||
         std::ranges::any_of(kNames, [&](std::string_view name) { return contains(local, name); });
}

}  // namespace todoku::bounce
