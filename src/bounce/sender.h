// Who writes a mail, by its From: a mail system, a list's manager, a mailbox nobody reads.
#pragma once
#include "bounce/notice.h"

namespace todoku::bounce {

/// Its mailbox is a mail system's; "From: <>", "From: MAILER-DAEMON" and none are as well.
[[nodiscard]] bool mail_systems_mailbox(const Notice& notice);

/// From names, in mailbox or display name, what nobody but a mail system bears.
[[nodiscard]] bool mail_systems_name(const Notice& notice);

/// A mail system's mailbox or name, as it stands in From; some of these people and firms bear too.
[[nodiscard]] bool system_sender(const Notice& notice);

/// "Mailserver orgel.example" <root@…>: the machine's user writes.
[[nodiscard]] bool named_after_mail_server(const Notice& notice);

/// The mailboxes that RFC 5321 and custom give to the mail system itself.
[[nodiscard]] bool daemon_sender(const Notice& notice);

/// The mailbox of a list's manager.
[[nodiscard]] bool lists_mailbox(const Notice& notice);

/// A mailbox nobody reads: a list's manager, a sender that takes no answers.
[[nodiscard]] bool machine_sender(const Notice& notice);

}  // namespace todoku::bounce
