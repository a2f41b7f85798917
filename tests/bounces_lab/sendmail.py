"""Sendmail: its transcripts, expiry and warnings, programs that fail, the error mailer, DSN options."""

import shutil

from .case import LOCAL_DOMAIN, Case, Fate
from .lab import Lab, wait_for_port

_MC = f"""divert(-1)dnl
divert(0)dnl
include(`/usr/share/sendmail/cf/m4/cf.m4')dnl
OSTYPE(`debian')dnl
define(`confDOMAIN_NAME', `mail.hoshi.example')dnl
define(`confTO_ICONNECT', `2s')dnl
define(`confTO_CONNECT', `2s')dnl
define(`confTO_INITIAL', `3s')dnl
define(`confTO_MAIL', `3s')dnl
define(`confTO_RCPT', `3s')dnl
define(`confTO_DATAINIT', `3s')dnl
define(`confTO_DATAFINAL', `3s')dnl
define(`confTO_IDENT', `0')dnl
define(`confMAX_MESSAGE_SIZE', `@SIZE@')dnl
define(`confTO_QUEUERETURN', `@RETURN@')dnl
define(`confTO_QUEUEWARN', `@WARN@')dnl
define(`confQUEUE_LA', `1000')dnl
define(`confREFUSE_LA', `1000')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confHOST_STATUS_DIRECTORY', `')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,GroupWritableAliasFile')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`mailertable', `hash -o /etc/mail/mailertable')dnl
DAEMON_OPTIONS(`Port=smtp, Addr=127.0.0.1, Name=MTA')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
LOCAL_CONFIG
Cw{LOCAL_DOMAIN} mx1.rush.example
"""

_ALIASES = """postmaster: root
broken: "|/bin/sh -c 'echo cannot open the archive; exit 1'"
gone: "|exit 67"
shut: "|exit 69"
shelf: "|exit 75"
crate: "|exit 73"
family: hana, jiro
"""

_MAILERTABLE = """papyrus.example error:5.1.2:550 This domain has been given up
vellum.example error:5.7.1:550 Mail to this domain is barred by company policy
quill.example error:5.1.6:551 The people of this domain have moved to nagisa.example
"""


class Sendmail:
    def __init__(self, folder):
        self.lab = Lab("sendmail", folder)
        self.lab.program = ["/usr/sbin/sendmail-mta", "-Am"]
        self.daemon = None

    def configure(self, until="5s", warn="4h", size="0"):
        lab = self.lab
        lab.write("etc/mail/lab.mc", _MC.replace("@RETURN@", until).replace("@WARN@", warn).replace("@SIZE@", size))
        lab.write("etc/mail/sendmail.cf", lab.run("m4", "/etc/mail/lab.mc").stdout.decode())
        lab.run("newaliases")
        self.daemon = lab.start("/usr/sbin/sendmail-mta", "-bD", "-q2s")
        wait_for_port()

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait()
        for f in (self.lab.root / "var/spool/mqueue").glob("*"):
            f.unlink()


def _local(n):
    return f"{n}@{LOCAL_DOMAIN}"


def _letter(to, head="", body="Hello,\r\nplease find our autumn letter attached.\r\n"):
    return f"{head}From: Hoshino Stationery <letters@news.example>\r\nTo: {to}\r\nSubject: Autumn\r\n\r\n{body}".encode()


def local_cases(lab):
    hops = "".join(f"Received: from relay{i}.moss.example by relay{i + 1}.moss.example; Mon, 2 Nov 2026 08:00:{i:02d} +0000\r\n"
                   for i in range(27))
    hana, p = _local("hana"), lab.peer
    return [
        Case("user_unknown", [Fate(_local("nobody.here"), "user_unknown")], "login that isn't there", by_program=True),
        Case("user_unknown", [Fate(_local("gone"), "user_unknown")], "alias to a command that exits with EX_NOUSER"),
        Case("mailer_error", [Fate(_local("broken"), "mailer_error")], "alias to a command that exits with 1"),
        Case("mailer_error", [Fate(_local("shut"), "system_error", "mailer_error")], "alias to a command that exits with EX_UNAVAILABLE"),
        Case("mailer_error", [Fate(_local("crate"), "mailer_error")], "alias to a command that exits with EX_CANTCREAT"),
        Case("mailer_error", [Fate(_local("shelf"), "mailer_error")], "alias to a command that exits with EX_TEMPFAIL, until expiry"),
        Case("host_unknown", [Fate("ume@nowhere-at-all.example", "host_unknown")], "domain that doesn't exist"),
        Case("host_unknown", [Fate("ume@papyrus.example", "host_unknown")], "error mailer with 5.1.2"),
        Case("host_unknown", [Fate("sora@lichen.example", "host_unknown")], "MX whose host doesn't exist"),
        Case("no_mail_accepted", [Fate("sora@sedge.example", "no_mail_accepted")], "null MX"),
        Case("policy_violation", [Fate("hana@vellum.example", "policy_violation")], "error mailer with 5.7.1"),
        Case("moved", [Fate("hana@quill.example", "moved")], "error mailer with 5.1.6"),
        Case("network_error", [Fate("rin@moss.example", "network_error")], "connection refused, until expiry"),
        Case("network_error", [Fate("rin@fern.example", "expired", "network_error")], "no answer to connect, until expiry"),
        Case("network_error", [Fate("rin@reed.example", "network_error")], "no route to the host, until expiry"),
        Case("network_error", [Fate("rin@rush.example", "system_error", "network_error")], "MX is this host itself: Local configuration error"),
        Case("network_error", [Fate("rin@clover.example", "network_error")], "name server answers SERVFAIL, until expiry"),
        Case("network_error", [Fate(hana, "network_error")], "27 Received headers: too many hops", letter=_letter(hana, hops), by_program=True),
        Case("network_error", [Fate(lab.someone(p("close-greeting")), "network_error")], "the receiver hangs up at the greeting"),
        Case("network_error", [Fate(lab.someone(p("close-data")), "network_error")], "the receiver hangs up at DATA"),
        Case("network_error", [Fate(lab.someone(p("silent-greeting")), "expired", "network_error")], "the receiver never greets"),
        Case("message_too_big", [Fate(lab.someone(p("size", "1000")), "message_too_big")], "the receiver announces SIZE 1000", padding=1500),
    ]


def option_cases(lab):
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown", ("SMTPUTF8",))
    full = lab.peer("rcpt", "552 5.2.2 <{rcpt}>: mailbox full")
    sure = lab.peer()
    notify = dict(kind="delivered", rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
    return [
        Case("user_unknown", [Fate(f"sato@{gone}", "user_unknown")], "RET=HDRS and ENVID", mail_options=["RET=HDRS", "ENVID=autumn0072"]),
        Case("user_unknown", [Fate(f"ito@{gone}", "user_unknown")], "ORCPT with another address", original_recipient=True),
        Case("several", [Fate(f"a.kato@{gone}", "user_unknown"), Fate(f"b.kato@{full}", "mailbox_full"),
                         Fate("c.kato@nowhere-at-all.example", "host_unknown"), Fate(_local("broken"), "mailer_error")],
             "four recipients, four fates", also_to=[f"d.kato@{sure}"]),
        Case("several", [Fate(f"u{i}@{gone}", "user_unknown") for i in range(1, 4)], "three unknown users of one domain"),
        Case("local", [Fate(_local("hana"), "delivered")], "NOTIFY=SUCCESS, delivered to a local mailbox", **notify),
        Case("relayed", [Fate(f"ueda@{sure}", "delivered")], "NOTIFY=SUCCESS, relayed to a server without DSN", **notify),
    ]


def delay_cases(lab):
    over = lab.peer("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    busy = lab.peer("greeting", "421 4.3.2 Service shutting down for maintenance")
    d = dict(kind="delay")
    return [
        Case("network_error", [Fate("nao@moss.example", "network_error")], "connection refused, delay notice", **d),
        Case("network_error", [Fate("nao@clover.example", "network_error")], "name server answers SERVFAIL, delay notice", **d),
        Case("mailbox_full", [Fate(f"nao@{over}", "mailbox_full")], "receiver answers at rcpt: 452 4.2.2, delay notice", **d),
        Case("system_error", [Fate(f"nao@{busy}", "system_error")], "receiver answers 421 at the greeting, delay notice", **d),
    ]


def make(folder, logs):
    s = Sendmail(folder)
    lab = s.lab
    lab.user("hana", "jiro")
    lab.run("rm", "-f", "/etc/mail/aliases.db")
    lab.run("chown", "root:root", "/etc/mail", "/var/spool/mqueue")
    lab.write("etc/mail/aliases", _ALIASES)
    lab.write("etc/mail/mailertable", _MAILERTABLE)
    lab.run("sh", "-c", "makemap hash /etc/mail/mailertable < /etc/mail/mailertable")
    cases = local_cases(lab) + option_cases(lab) + lab.reply_cases("S")
    delays = delay_cases(lab)
    lab.start_peers()
    s.configure()
    lab.collect(lab.send(cases), 90)
    s.stop()
    s.configure(size="2000")
    lab.collect(lab.send([Case("message_too_big", [Fate(_local("hana"), "message_too_big")], "MaxMessageSize", padding=2000, by_program=True)]), 20)
    s.stop()
    s.configure("5d", "1s")
    lab.collect(lab.send(delays), 40)
    s.stop()
    if logs:
        shutil.copy(lab.scratch / "server.log", logs / "sendmail.log")
    return lab
