"""Postfix: every cause it tells of by itself or passes on, delay and success notices, translated templates."""

import shutil

from .case import LOCAL_DOMAIN, LOCAL_IP, Case, Fate
from .lab import Lab, wait_for_port
from .postfix_templates import TEMPLATES

_MAIN = f"""compatibility_level = 3.6
myhostname = mail.hoshi.example
mydomain = {LOCAL_DOMAIN}
myorigin = $mydomain
mydestination = $myhostname, $mydomain
mynetworks = 127.0.0.0/8 {LOCAL_IP}/32
inet_interfaces = 127.0.0.1
proxy_interfaces = {LOCAL_IP}
inet_protocols = ipv4
maillog_file = /var/log/mail.log
local_recipient_maps =
alias_maps = hash:/etc/aliases
relocated_maps = hash:/etc/postfix/relocated
transport_maps = hash:/etc/postfix/transport
virtual_mailbox_domains = kaze.example
virtual_mailbox_base = /var/vmail
virtual_mailbox_maps = hash:/etc/postfix/vmailbox
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
header_checks = regexp:/etc/postfix/header_checks
body_checks = regexp:/etc/postfix/body_checks
smtp_tls_policy_maps = hash:/etc/postfix/tls_policy
smtp_tls_security_level = none
smtp_host_lookup = dns
smtp_connect_timeout = 2s
smtp_helo_timeout = 3s
smtp_mail_timeout = 3s
smtp_rcpt_timeout = 3s
smtp_data_done_timeout = 3s
mailbox_size_limit = 0
message_size_limit = 300000
smtpd_client_connection_rate_limit = 0
"""

_EXPIRE = "maximal_queue_lifetime = 0\nbounce_queue_lifetime = 1d\n"
_DELAY = "maximal_queue_lifetime = 5d\ndelay_warning_time = 1s\nminimal_backoff_time = 1s\nqueue_run_delay = 1s\n"

_ALIASES = """postmaster: root
broken: "|/bin/sh -c 'echo cannot open the archive; exit 1'"
gone: "|exit 67"
shelf: "|exit 75"
family: hana, jiro
friends: hana, saburo@kaze.example
"""


class Postfix:
    def __init__(self, folder):
        self.lab = Lab("postfix", folder)

    def configure(self, extra):
        lab = self.lab
        lab.write("etc/postfix/main.cf", _MAIN + extra)
        lab.run("postfix", "start")
        wait_for_port()

    def stop(self):
        self.lab.run("postfix", "stop", check=False)
        self.lab.run("postsuper", "-d", "ALL", check=False)

    def round(self, cases, settings, first=None):
        """Sends these under one configuration, until their notices are there."""
        self.configure(settings)
        if first:
            first()
        self.lab.collect(self.lab.send(cases), 60)
        self.stop()

    def prepare(self):
        lab = self.lab
        lab.user("hana", "jiro", "full")
        self.prepare_peers()
        self.prepare_tables()
        lab.write("usr/local/bin/archive", "#!/bin/sh\necho 'archive: no database connection' >&2\nexit 1\n", 0o755)
        (lab.root / "var/vmail").mkdir()
        shutil.chown(lab.root / "var/vmail", 65534, 65534)
        lab.run("postconf", "-F", "*/*/chroot=n")
        lab.run("postconf", "-M", "archive/unix=archive unix - n n - - pipe user=nobody argv=/usr/local/bin/archive")

    def prepare_peers(self):
        lab = self.lab
        self.tls_none = lab.peer()
        self.tls_broken = lab.peer("starttls", "454 4.7.0 TLS not available due to local problem")
        self.tls_selfsigned = lab.peer("tls")
        self.lmtp = lab.peer("eod", "552 5.2.2 <{rcpt}> Quota exceeded (mailbox for user is full)")
        self.lmtp_unknown = lab.peer("rcpt", "550 5.1.1 <{rcpt}> User doesn't exist: {rcpt}")

    def prepare_tables(self):
        lab, lmtp, lmtp_unknown = self.lab, self.lmtp, self.lmtp_unknown
        lab.write("etc/aliases", _ALIASES)
        lab.write("etc/postfix/relocated", f"natsuko@{LOCAL_DOMAIN} natsuko@nagisa.example\n")
        lab.write("etc/postfix/transport", "\n".join([
            f"{lmtp} lmtp:inet:[mx1.{lmtp}]:25", f"{lmtp_unknown} lmtp:inet:[mx1.{lmtp_unknown}]:25",
            "papyrus.example error:5.1.2 This domain has been given up", "vellum.example error:5.7.1 Mail to this domain is barred by company policy",
            "parchment.example discard:", "quill.example archive:", "inkwell.example retry:4.3.2 The archive is closed for maintenance",
        ]) + "\n")
        lab.write("etc/postfix/vmailbox", "aiko@kaze.example aiko\nsaburo@kaze.example saburo/\n")
        lab.write("etc/postfix/header_checks",
                  "/^Subject:.*lottery/ REJECT\n/^X-Priority: 1/ REJECT Mails with this header are refused by our policy\n"
                  "/name=.*\\.scr/ REJECT Attachments of this type are not allowed\n")
        lab.write("etc/postfix/body_checks", "/EICAR-STANDARD/ REJECT 5.7.1 virus EICAR found in the message\n")
        lab.write("etc/postfix/tls_policy", f"{self.tls_none} encrypt\n{self.tls_broken} encrypt\n{self.tls_selfsigned} verify\n")
        for table in ("relocated", "transport", "vmailbox", "tls_policy"):
            lab.run("postmap", "/etc/postfix/" + table)
        lab.run("postalias", "/etc/aliases")


def _local(n):
    return f"{n}@{LOCAL_DOMAIN}"


def _header_letter(to, header, body="Hello,\r\nplease find our autumn letter attached.\r\n"):
    return (f"From: Hoshino Stationery <letters@news.example>\r\nTo: {to}\r\n{header}\r\n\r\n{body}").encode()


def local_cases():
    """What Postfix finds by itself, without asking another server."""
    loop = _local("jiro")
    hops = "".join(f"Received: from relay{i}.moss.example by relay{i + 1}.moss.example; Mon, 2 Nov 2026 08:00:{i:02d} +0000\r\n"
                   for i in range(52))
    return [
        Case("user_unknown", [Fate(_local("nobody.here"), "user_unknown")], "local delivery to a login that isn't there"),
        Case("user_unknown", [Fate("hanako@kaze.example", "user_unknown")], "virtual mailbox that isn't in the table"),
        Case("user_unknown", [Fate(_local("gone"), "user_unknown")], "alias to a command that exits with EX_NOUSER"),
        Case("user_unknown", [Fate("mariko@{lmtp_unknown}", "user_unknown")], "LMTP store answers at rcpt"),
        Case("mailer_error", [Fate(_local("broken"), "mailer_error")], "alias to a command that fails"),
        Case("mailer_error", [Fate("ledger@quill.example", "mailer_error")], "pipe transport whose command fails"),
        Case("mailer_error", [Fate(_local("shelf"), "system_error", "mailer_error")], "alias to a command that exits with EX_TEMPFAIL, until expiry"),
        Case("mailbox_full", [Fate("kenta@{lmtp}", "mailbox_full")], "LMTP store answers after the final dot"),
        Case("moved", [Fate(_local("natsuko"), "moved")], "relocated table", by_program=True),
        Case("host_unknown", [Fate("ume@nowhere-at-all.example", "host_unknown")], "domain that doesn't exist"),
        Case("host_unknown", [Fate("ume@papyrus.example", "host_unknown")], "error transport with 5.1.2"),
        Case("host_unknown", [Fate("sora@lichen.example", "host_unknown")], "MX whose host doesn't exist"),
        Case("no_mail_accepted", [Fate("sora@sedge.example", "no_mail_accepted")], "null MX"),
        Case("network_error", [Fate("rin@moss.example", "network_error")], "connection refused, until expiry"),
        Case("network_error", [Fate("rin@fern.example", "expired", "network_error")], "no answer to connect, until expiry"),
        Case("network_error", [Fate("rin@reed.example", "network_error")], "no route to the host, until expiry"),
        Case("network_error", [Fate("rin@rush.example", "network_error")], "MX is this host itself: loops back to myself"),
        Case("network_error", [Fate("rin@clover.example", "network_error")], "name server answers SERVFAIL, until expiry"),
        Case("network_error", [Fate("rin@heather.example", "network_error")], "name server doesn't answer, until expiry"),
        Case("network_error", [Fate(loop, "network_error")], "a Delivered-To of the recipient is there already: forwarding loop",
             letter=_header_letter(loop, f"Delivered-To: {loop}\r\nSubject: Autumn")),
        Case("network_error", [Fate(_local("hana"), "network_error")], "52 Received headers: too many hops", by_program=True,
             letter=hops.encode() + _header_letter(_local("hana"), "Subject: Autumn")),
        Case("content_rejected", [Fate(_local("hana"), "content_rejected")], "header_checks REJECT without a text", by_program=True,
             letter=_header_letter(_local("hana"), "Subject: Win the lottery")),
        Case("policy_violation", [Fate(_local("hana"), "policy_violation")], "header_checks REJECT with a text", by_program=True,
             letter=_header_letter(_local("hana"), "Subject: Autumn\r\nX-Priority: 1")),
        Case("policy_violation", [Fate("hana@vellum.example", "policy_violation")], "error transport with 5.7.1"),
        Case("virus_detected", [Fate(_local("hana"), "virus_detected")], "body_checks REJECT", by_program=True,
             letter=_header_letter(_local("hana"), "Subject: Autumn", "X5O!P%@AP-EICAR-STANDARD-ANTIVIRUS-TEST-FILE\r\n")),
        Case("system_error", [Fate("scribe@inkwell.example", "system_error")], "retry transport with 4.3.2, until expiry"),
        Case("tls_failed", [Fate("mei@{tls_none}", "tls_failed")], "TLS demanded by our policy, the receiver offers none"),
        Case("tls_failed", [Fate("mei@{tls_broken}", "tls_failed")], "TLS demanded by our policy, the receiver answers 454 to STARTTLS"),
        Case("tls_failed", [Fate("mei@{tls_selfsigned}", "tls_failed")], "verified TLS demanded, the certificate is self-signed"),
    ]


def wire_cases(lab):
    """Sessions that break, sizes, odd addresses, and the options of RFC 3461."""
    p = lab.peer
    cases = [
        Case("message_too_big", [Fate(lab.someone(p("size", "1000")), "message_too_big")], "the receiver announces SIZE 1000", padding=1500),
        Case("message_too_big", [Fate(lab.someone(p("size", "2500")), "message_too_big")], "the receiver announces SIZE 2500", padding=2500),
        Case("network_error", [Fate(lab.someone(p("close-greeting")), "network_error")], "the receiver hangs up at the greeting"),
        Case("network_error", [Fate(lab.someone(p("close-data")), "network_error")], "the receiver hangs up at DATA"),
        Case("network_error", [Fate(lab.someone(p("silent-greeting")), "network_error")], "the receiver never greets"),
        Case("network_error", [Fate(lab.someone(p("silent-eod")), "network_error")], "no answer after the final dot"),
        Case("network_error", [Fate(lab.someone(p("close-mail")), "network_error")], "the receiver hangs up at MAIL"),
    ]
    gone = p("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown", ("SMTPUTF8",))
    full = p("rcpt", "552 5.2.2 <{rcpt}>: mailbox full", ("SMTPUTF8",))
    sure = p()
    cases += [
        Case("user_unknown", [Fate(f"hana..maru.@{gone}", "user_unknown")], "address with dots side by side, as old phones have"),
        Case("user_unknown", [Fate(f'"yama da"@{gone}', "user_unknown")], "quoted address with a space", by_program=True),
        Case("user_unknown", [Fate(f"sato@{gone}", "user_unknown")], "RET=HDRS and ENVID", mail_options=["RET=HDRS", "ENVID=autumn+2B0042"]),
        Case("user_unknown", [Fate(f"ito@{gone}", "user_unknown")], "RET=FULL and ENVID", mail_options=["RET=FULL", "ENVID=autumn0043"]),
        Case("user_unknown", [Fate(f"mori@{gone}", "user_unknown")], "ORCPT with another address", original_recipient=True),
        Case("mailbox_full", [Fate(f"abe@{full}", "mailbox_full")], "ORCPT and NOTIFY=FAILURE", original_recipient=True, rcpt_options=["NOTIFY=FAILURE"]),
        Case("user_unknown", [Fate(f"ono@{gone}", "user_unknown")], "RET=HDRS and ORCPT", original_recipient=True, mail_options=["RET=HDRS"]),
        Case("several", [Fate(f"a.kato@{gone}", "user_unknown"), Fate(f"b.kato@{full}", "mailbox_full"),
                         Fate("c.kato@nowhere-at-all.example", "host_unknown"), Fate(_local("e.kato"), "user_unknown")], "five recipients; the one whose server refuses connections gets a notice of its own later",
             also_to=["d.kato@moss.example"]),
        Case("several", [Fate(f"endo@{gone}", "user_unknown"), Fate(f"endo@{full}", "mailbox_full")], "two fail, one gets through", also_to=[f"endo@{sure}"]),
        Case("several", [Fate(f"u{i}@{gone}", "user_unknown") for i in range(1, 5)], "four unknown users of one domain"),
        Case("several", [Fate("sora@sedge.example", "no_mail_accepted"), Fate(_local("broken"), "mailer_error"), Fate(f"mika@{full}", "mailbox_full")],
             "three recipients with ORCPT", original_recipient=True, mail_options=["RET=HDRS"]),
        Case("user_unknown", [Fate(f"佐藤@{gone}", "user_unknown")], "SMTPUTF8 recipient: message/global-delivery-status", mail_options=["SMTPUTF8", "BODY=8BITMIME"]),
        Case("user_unknown", [Fate("花子@hoshi.example", "user_unknown")], "SMTPUTF8 recipient, local", mail_options=["SMTPUTF8", "BODY=8BITMIME"]),
        Case("host_unknown", [Fate("müller@nowhere-at-all.example", "host_unknown")], "SMTPUTF8 recipient of a domain that doesn't exist", mail_options=["SMTPUTF8", "BODY=8BITMIME"]),
        Case("several", [Fate(f"佐藤@{gone}", "user_unknown"), Fate(f"naito@{full}", "mailbox_full")], "SMTPUTF8 and ASCII recipient", mail_options=["SMTPUTF8", "BODY=8BITMIME"]),
    ]
    notify = dict(kind="delivered", rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
    cases += [
        Case("local", [Fate(_local("hana"), "delivered")], "NOTIFY=SUCCESS, delivered to a local mailbox", **notify),
        Case("relayed", [Fate(f"ueda@{sure}", "delivered")], "NOTIFY=SUCCESS, relayed to a server without DSN", **notify),
        Case("expanded", [Fate(_local("family"), "delivered")], "NOTIFY=SUCCESS, an alias expanded", **notify),
        Case("several", [Fate(f"goto@{sure}", "delivered"), Fate(_local("jiro"), "delivered")], "NOTIFY=SUCCESS, two recipients", original_recipient=True, **notify),
    ]
    return cases


def delay_cases(lab):
    p = lab.peer
    d = dict(kind="delay")
    busy = p("greeting", "421 4.3.2 Service shutting down for maintenance")
    over = p("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    return [
        Case("network_error", [Fate("nao@moss.example", "network_error")], "connection refused, delay notice", **d),
        Case("network_error", [Fate("nao@fern.example", "network_error")], "no answer to connect, delay notice", **d),
        Case("network_error", [Fate("nao@clover.example", "network_error")], "SERVFAIL, delay notice", **d),
        Case("mailbox_full", [Fate(f"nao@{over}", "mailbox_full")], "receiver answers at rcpt: 452 4.2.2, delay notice", **d),
        Case("system_error", [Fate(f"nao@{busy}", "system_error")], "receiver answers 421 at the greeting, delay notice", **d),
        Case("several", [Fate(f"kei@{over}", "mailbox_full"), Fate("kei@moss.example", "network_error")], "two recipients, delay notice",
             mail_options=["RET=HDRS", "ENVID=autumn0044"], **d),
    ]


def template_cases(lab, language):
    """What is sent under a translated template: (until expiry, with a delay notice)."""
    name, how = f"template {language}", f"template in {language}: "
    full = lab.peer("rcpt", "552 5.2.2 <{rcpt}>: mailbox full")
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown")
    over = lab.peer("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    bounces = [
        Case(name, [Fate(_local("kyoko.abe"), "user_unknown")], how + "unknown local user"),
        Case(name, [Fate(lab.someone(gone), "user_unknown")], how + "unknown remote user"),
        Case(name, [Fate(lab.someone(full), "mailbox_full")], how + "full remote mailbox"),
        Case(name, [Fate("ryo@nowhere-at-all.example", "host_unknown")], how + "domain that doesn't exist"),
        Case(name, [Fate(_local("hana"), "delivered")], how + "success", kind="delivered", rcpt_options=["NOTIFY=SUCCESS"]),
    ]
    delays = [
        Case(name, [Fate("ryo@moss.example", "network_error")], how + "connection refused", kind="delay"),
        Case(name, [Fate(lab.someone(over), "mailbox_full")], how + "full remote mailbox", kind="delay"),
    ]
    return bounces, delays


def make(folder, logs):
    p = Postfix(folder)
    lab = p.lab
    p.prepare()
    cases = local_cases()
    for fate in (f for case in cases for f in case.fates if "{" in f.address):
        fate.address = fate.address.format_map(vars(p))
    cases += wire_cases(lab) + lab.reply_cases("P")
    delays = delay_cases(lab)
    translated = {language: template_cases(lab, language) for language in TEMPLATES}
    lab.start_peers()
    p.round(cases, _EXPIRE + "virtual_mailbox_limit = 0\n")
    p.round(full_mailboxes(), _EXPIRE + "mailbox_size_limit = 300000\nvirtual_mailbox_limit = 300000\n", first=lambda: fill_mailboxes(lab))
    p.round(delays, _DELAY)
    for language, (bounced, delayed) in translated.items():
        lab.write("etc/postfix/bounce.cf", TEMPLATES[language])
        for settings, some in ((_EXPIRE, bounced), (_DELAY, delayed)):
            p.round(some, settings + "bounce_template_file = /etc/postfix/bounce.cf\n")
    if logs:
        shutil.copy(lab.root / "var/log/mail.log", logs / "postfix.log")
    return lab


def fill_mailboxes(lab):
    """Brings a local and a virtual mailbox close to their limit."""
    for path, owner in (("/var/mail/full", "full:mail"), ("/var/vmail/aiko", "65534:65534")):
        lab.write(path, b"From x Mon Nov  2 08:00:00 2026\n\n" + b"x" * 299_900)
        lab.run("chown", owner, path)


def full_mailboxes():
    return [
        Case("mailbox_full", [Fate(_local("full"), "mailbox_full")], "local mailbox at mailbox_size_limit"),
        Case("mailbox_full", [Fate("aiko@kaze.example", "mailbox_full")], "virtual mailbox at virtual_mailbox_limit"),
    ]
