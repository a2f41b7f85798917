"""OpenSMTPD: remote replies, failing delivery commands; its expiry notices hide the cause."""

import shutil

from .case import LOCAL_DOMAIN, Case, Fate
from .lab import Lab, wait_for_port

_CONFIG = f"""{{settings}}
table aliases file:/etc/aliases
listen on 127.0.0.1 port 25
action "broken" mda "/usr/local/bin/archive"
action "full" mda "/bin/sh -c 'echo maildir over quota >&2; exit 77'"
action "local" maildir alias <aliases>
action "strict" relay tls
action "relay" relay
match from any for domain "archive.example" action "broken"
match from any for domain "shelf.example" action "full"
match from any for domain "{{strict}}" action "strict"
match from any for domain "{LOCAL_DOMAIN}" action "local"
match from any for any action "relay"
"""


class OpenSmtpd:
    def __init__(self, folder):
        self.lab = Lab("opensmtpd", folder)
        self.names = {}
        self.daemon = None

    def configure(self, settings=""):
        self.lab.write("etc/smtpd.conf", _CONFIG.format(settings=settings, **self.names))
        self.daemon = self.lab.start("/usr/sbin/smtpd", "-d")
        wait_for_port()

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait()
        shutil.rmtree(self.lab.root / "var/spool/smtpd", ignore_errors=True)


def plain_cases(o):
    lab = o.lab
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown")
    full = lab.peer("rcpt", "552 5.2.2 <{rcpt}>: mailbox full")
    sure = lab.peer(extensions=("DSN",))
    notify = dict(kind="delivered", rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
    return [
        Case("mailer_error", [Fate("ledger@archive.example", "mailer_error")], "delivery command doesn't exist"),
        Case("mailbox_full", [Fate("kenta@shelf.example", "mailbox_full")], "delivery command exits with EX_NOPERM and says over quota"),
        Case("host_unknown", [Fate("ume@nowhere-at-all.example", "host_unknown")], "domain that doesn't exist"),
        Case("user_unknown", [Fate(f"sato@{gone}", "user_unknown")], "RET=HDRS and ENVID", mail_options=["RET=HDRS", "ENVID=autumn0062"]),
        Case("user_unknown", [Fate(f"ito@{gone}", "user_unknown")], "ORCPT with another address", original_recipient=True),
        Case("several", [Fate(f"u{i}@{gone}", "user_unknown") for i in range(1, 4)], "three unknown users of one domain"),
        Case("several", [Fate(f"a.kato@{gone}", "user_unknown"), Fate(f"b.kato@{full}", "mailbox_full")],
             "three recipients, two fates", also_to=[f"d.kato@{sure}"]),
        Case("relayed", [Fate(f"ueda@{lab.peer()}", "delivered")], "NOTIFY=SUCCESS, relayed to a server without DSN", **notify),
        Case("local", [Fate(f"hana@{LOCAL_DOMAIN}", "delivered")], "NOTIFY=SUCCESS, delivered to a maildir", **notify),
    ]


def waiting_cases(o, kind):
    """Causes that go on until the queue gives up; `kind` delay or bounce."""
    lab = o.lab
    over = lab.peer("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    busy = lab.peer("greeting", "421 4.3.2 Service shutting down for maintenance")
    causes = [  # address, what was done, what the delay notice says of it
        ("nao@moss.example", "network_error", "network_error", "connection refused"),
        (f"nao@{over}", "mailbox_full", "mailbox_full", "receiver answers at rcpt: 452 4.2.2"),
        (f"nao@{busy}", "system_error", "network_error", "receiver answers 421 at the greeting"),
        (f"mei@{o.names['strict']}", "tls_failed", "network_error", "TLS demanded by our action, the receiver offers none"),
        ("rin@reed.example", "network_error", "network_error", "no route to the host"),
        ("rin@clover.example", "network_error", "network_error", "name server answers SERVFAIL"),
    ]
    if kind == "delay":
        return [Case(said, [Fate(to, said, cause if cause != said else "")], how + ", delay notice", kind="delay") for to, cause, said, how in causes]
    causes.append(("sora@sedge.example", "no_mail_accepted", "", "null MX, taken for a temporary fault"))
    return [Case("expired", [Fate(to, "expired", cause)], how + ", until expiry") for to, cause, _, how in causes]


def make(folder, logs):
    o = OpenSmtpd(folder)
    lab = o.lab
    lab.user("hana", "ledger", "kenta")
    lab.write("etc/aliases", "postmaster: root\n")
    o.names = {"strict": lab.peer()}
    cases = plain_cases(o) + lab.reply_cases("O")
    delays, expiries = waiting_cases(o, "delay"), waiting_cases(o, "bounce")
    lab.start_peers()
    o.configure()
    lab.collect(lab.send(cases), 60)
    o.stop()
    o.configure("bounce warn-interval 1s")
    lab.collect(lab.send(delays), 60)
    o.stop()
    o.configure("queue ttl 1s")
    lab.collect(lab.send(expiries), 60)
    o.stop()
    if logs:
        shutil.copy(lab.scratch / "server.log", logs / "opensmtpd.log")
    return lab
