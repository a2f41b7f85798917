"""The lab's two real receiving systems with their readers: Postfix with Dovecot behind it, and Exim."""

from . import names
from .dovecot import Dovecot
from .exim import Exim
from .postfix import Postfix


def start_postfix(case, users, *, size_limit=10_240_000, domains=("postfix.test", "backup.test", "quietbackup.test"),
                  settings=()):
    """(Postfix, Dovecot) for `users` (address → None or quota in bytes); says "mailbox full" in the session."""
    dovecot = case.start(Dovecot(case.folder, users))
    known = ", ".join(f"{{{address}=ok}}" for address in users)
    postfix = case.start(Postfix(case.folder, names.POSTFIX, settings=[
        "myhostname = mx.postfix.test",
        f"message_size_limit = {size_limit}",
        f"virtual_mailbox_domains = {', '.join(domains)}",
        f"virtual_mailbox_maps = inline:{{{known}}}",
        f"virtual_transport = lmtp:unix:{dovecot.lmtp}",
        "lmtp_destination_concurrency_limit = 8",
        "smtpd_recipient_restrictions = reject_unauth_destination, reject_unlisted_recipient,"
        f" check_policy_service unix:{dovecot.quota_policy}",
        *settings,
    ]))
    return postfix, dovecot


def start_exim(case, users, **settings):
    return case.start(Exim(case.folder, names.EXIM, users, **settings))
