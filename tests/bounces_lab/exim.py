"""Exim: its own wording for every cause, system filter, quotas, automatic replies, translated bounce files."""

import shutil

from .case import LOCAL_DOMAIN, LOCAL_IP, Case, Fate
from .exim_texts import BOUNCE_FILES, WARN_FILES
from .lab import Lab, wait_for_port

_CONFIG = f"""primary_hostname = mail.hoshi.example
domainlist local_domains = {LOCAL_DOMAIN} : mail.hoshi.example
acl_smtp_rcpt = all
acl_smtp_data = all
local_interfaces = 127.0.0.1
extra_local_interfaces = {LOCAL_IP}
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
tls_advertise_hosts =
pipelining_advertise_hosts = *
host_lookup =
trusted_users = root
local_from_check = false
never_users =
received_headers_max = 20
rfc1413_query_timeout = 0s
smtp_accept_max = 0
remote_max_parallel = 5
system_filter = /etc/exim4/system.filter
log_file_path = /var/log/exim4/%slog
@EXTRA@

begin acl
all:
  accept

begin routers
big_letters:
  driver = dnslookup
  domains = @BIG@
  transport = small_smtp
  no_more
guarded:
  driver = dnslookup
  domains = @TLS@
  transport = tls_smtp
  no_more
remote:
  driver = dnslookup
  domains = ! +local_domains
  transport = remote_smtp
  self = fail
  no_more
aliases:
  driver = redirect
  data = ${{lookup{{$local_part}}lsearch{{/etc/exim4/aliases}}}}
  allow_fail
  allow_defer
  user = nobody
  pipe_transport = address_pipe
away:
  driver = accept
  local_parts = away : ferien
  transport = vacation_$local_part_data
  unseen
  no_verify
quota_users:
  driver = accept
  check_local_user
  local_parts = full
  transport = quota_delivery
users:
  driver = accept
  check_local_user
  transport = local_delivery
  cannot_route_message = Unknown user

begin transports
remote_smtp:
  driver = smtp
  connect_timeout = 2s
  command_timeout = 3s
  final_timeout = 3s
  hosts_try_dane =
small_smtp:
  driver = smtp
  message_size_limit = 3K
tls_smtp:
  driver = smtp
  hosts_require_tls = *
  command_timeout = 3s
local_delivery:
  driver = appendfile
  file = /var/mail/$local_part_data
  group = mail
quota_delivery:
  driver = appendfile
  file = /var/mail/$local_part_data
  group = mail
  quota = 1K
address_pipe:
  driver = pipe
  return_output
vacation_away:
  driver = autoreply
  user = nobody
  from = away@{LOCAL_DOMAIN}
  to = $sender_address
  subject = Out of office: $h_subject:
  text = I am away until 7 December and read no mail. Please turn to office@{LOCAL_DOMAIN}.\\nYour mail is kept.
vacation_ferien:
  driver = autoreply
  user = nobody
  from = ferien@{LOCAL_DOMAIN}
  to = $sender_address
  subject = Abwesenheitsnotiz
  text = Ich bin bis 7. Dezember nicht im Hause. Ihre Nachricht wird nicht weitergeleitet.

begin retry
* * @RETRY@
"""

_EXPIRE = "F,1s,1s"
_KEEP = "F,5d,1s"

_ALIASES = """broken: "|/bin/sh -c 'echo cannot open the archive; exit 1'"
signal: "|/bin/sh -c 'kill -9 $$'"
missing: "|/usr/local/bin/no-such-filter"
natsuko: :fail: natsuko has moved; the new address is natsuko@nagisa.example
closed: :fail: This account has been disabled
later: :defer: The mailbox store is down for maintenance
family: hana, nobody.here
chain: chain2
chain2: :fail: No such person at this address
"""

_FILTER = """# Exim filter
if $header_subject: contains "lottery" then fail "This message was classified as spam and has been refused" endif
if $header_subject: contains "invoice" then fail "A virus (Eicar-Test-Signature) was found in the message" endif
if $header_subject: contains "setup" then fail "Executable attachments are not allowed here" endif
if $header_subject: contains "casino" then fail endif
"""


class Exim:
    def __init__(self, folder):
        self.lab = Lab("exim", folder)
        self.daemon = None

    def configure(self, retry, extra=""):
        text = _CONFIG.replace("@RETRY@", retry).replace("@EXTRA@", extra).replace("@BIG@", self.big).replace("@TLS@", self.tls)
        self.lab.write("etc/exim4/exim4.conf", text)
        self.daemon = self.lab.start("/usr/sbin/exim4", "-bdf", "-oX", "25")
        wait_for_port()

    def stop(self):
        self.daemon.kill()
        self.daemon.wait()
        spool = self.lab.root / "var/spool/exim4"
        for folder in ("input", "msglog", "db"):
            for f in (spool / folder).glob("*"):
                f.unlink()

    def round(self, cases, retry, extra=""):
        """Sends these under one configuration, until their notices are there."""
        self.configure(retry, extra)
        self.lab.collect(self.lab.send(cases), 90, self.run_queue)
        self.stop()

    def prepare(self):
        lab = self.lab
        lab.user("hana", "full")
        self.big, self.tls = lab.peer(), lab.peer()
        lab.write("etc/exim4/aliases", _ALIASES)
        lab.write("etc/exim4/system.filter", _FILTER)
        lab.write("var/mail/full", b"x" * 2000)
        lab.run("chown", "full:mail", "/var/mail/full")

    def run_queue(self):
        self.lab.run("/usr/sbin/exim4", "-qff", check=False)


def _local(n):
    return f"{n}@{LOCAL_DOMAIN}"


def _letter(to, subject, body="Hello,\r\nplease find our autumn letter attached.\r\n", head=""):
    return f"{head}From: Hoshino Stationery <letters@news.example>\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n{body}".encode()


def local_cases(exim):
    lab = exim.lab
    hops = "".join(f"Received: from relay{i}.moss.example by relay{i + 1}.moss.example; Mon, 2 Nov 2026 08:00:{i:02d} +0000\r\n"
                   for i in range(25))
    hana = _local("hana")
    return [
        Case("user_unknown", [Fate(_local("nobody.here"), "user_unknown")], "local part without a login: Unknown user"),
        Case("user_unknown", [Fate(_local("chain"), "user_unknown")], "alias of an alias that fails with a text"),
        Case("user_unknown", [Fate(_local("family"), "user_unknown")], "alias to two, one of them unknown"),
        Case("host_unknown", [Fate("ume@nowhere-at-all.example", "host_unknown")], "domain that doesn't exist: Unrouteable address"),
        Case("host_unknown", [Fate("sora@lichen.example", "host_unknown")], "MX whose host doesn't exist"),
        Case("no_mail_accepted", [Fate("sora@sedge.example", "no_mail_accepted")], "null MX"),
        Case("moved", [Fate(_local("natsuko"), "moved")], "alias that fails: has moved"),
        Case("account_disabled", [Fate(_local("closed"), "account_disabled")], "alias that fails: disabled"),
        Case("system_error", [Fate(_local("later"), "system_error")], "alias that defers: down for maintenance, until expiry"),
        Case("mailer_error", [Fate(_local("broken"), "mailer_error")], "pipe to a command that fails"),
        Case("mailer_error", [Fate(_local("signal"), "mailer_error")], "pipe to a command that is killed"),
        Case("mailer_error", [Fate(_local("missing"), "mailer_error")], "pipe to a command that doesn't exist"),
        Case("mailbox_full", [Fate(_local("full"), "mailbox_full")], "appendfile quota, until expiry"),
        Case("message_too_big", [Fate(f"kei@{exim.big}", "unknown", "message_too_big")], "message_size_limit of the transport, which the notice does not mention", padding=2000),
        Case("line_too_long", [Fate(lab.someone(lab.peer()), "line_too_long")], "a line of 1200 bytes: the transport takes 998",
             letter=_letter("reader@example.test", "Autumn", "x" * 1200 + "\r\n")),
        Case("expired", [Fate(f"mei@{exim.tls}", "expired", "tls_failed")], "TLS demanded by our transport, the receiver offers none"),
        Case("expired", [Fate("rin@moss.example", "expired", "network_error")], "connection refused, until expiry"),
        Case("expired", [Fate("rin@fern.example", "expired", "network_error")], "no answer to connect, until expiry"),
        Case("expired", [Fate("rin@reed.example", "expired", "network_error")], "no route to the host, until expiry"),
        Case("network_error", [Fate("rin@rush.example", "network_error")], "lowest MX is this host itself"),
        Case("expired", [Fate("rin@clover.example", "expired", "network_error")], "name server answers SERVFAIL, until expiry"),
        Case("network_error", [Fate(hana, "unknown", "network_error")], "25 Received headers: too many, which the notice does not mention",
             letter=_letter(hana, "Autumn", head=hops), by_program=True),
        Case("expired", [Fate(lab.someone(lab.peer("close-greeting")), "expired", "network_error")], "the receiver hangs up at the greeting"),
        Case("expired", [Fate(lab.someone(lab.peer("close-data")), "expired", "network_error")], "the receiver hangs up at DATA"),
        Case("expired", [Fate(lab.someone(lab.peer("silent-greeting")), "expired", "network_error")], "the receiver never greets"),
        Case("expired", [Fate(lab.someone(lab.peer("silent-eod")), "expired", "network_error")], "no answer after the final dot"),
        Case("message_too_big", [Fate(lab.someone(lab.peer("size", "1000")), "message_too_big")], "the receiver announces SIZE 1000", padding=1500),
        Case("spam_detected", [Fate(hana, "spam_detected")], "system filter fails the mail with a text", letter=_letter(hana, "Win the lottery")),
        Case("virus_detected", [Fate(hana, "virus_detected")], "system filter fails the mail with a text", letter=_letter(hana, "Your invoice")),
        Case("content_rejected", [Fate(hana, "content_rejected")], "system filter fails the mail with a text", letter=_letter(hana, "Our setup")),
        Case("away", [Fate(_local("away"), "auto_reply")], "autoreply transport", kind="auto_reply"),
        Case("ferien", [Fate(_local("ferien"), "auto_reply")], "autoreply transport, German", kind="auto_reply"),
    ]


def option_cases(lab):
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown", ("SMTPUTF8",))
    full = lab.peer("rcpt", "552 5.2.2 <{rcpt}>: mailbox full")
    sure = lab.peer()
    notify = dict(kind="delivered", rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
    return [
        Case("user_unknown", [Fate(f"sato@{gone}", "user_unknown")], "RET=HDRS and ENVID", mail_options=["RET=HDRS", "ENVID=autumn0052"]),
        Case("user_unknown", [Fate(f"ito@{gone}", "user_unknown")], "ORCPT with another address", original_recipient=True),
        Case("user_unknown", [Fate(f"佐藤@{gone}", "user_unknown")], "SMTPUTF8 recipient", mail_options=["SMTPUTF8", "BODY=8BITMIME"]),
        Case("several", [Fate(f"a.kato@{gone}", "user_unknown"), Fate(f"b.kato@{full}", "mailbox_full"),
                         Fate("c.kato@nowhere-at-all.example", "host_unknown"), Fate(_local("e.kato"), "user_unknown")],
             "four recipients, four fates", also_to=[f"d.kato@{sure}"]),
        Case("several", [Fate(f"u{i}@{gone}", "user_unknown") for i in range(1, 4)], "three unknown users of one domain"),
        Case("several", [Fate("sora@sedge.example", "no_mail_accepted"), Fate(_local("broken"), "mailer_error")], "two recipients, RET=HDRS",
             mail_options=["RET=HDRS"]),
        Case("local", [Fate(_local("hana"), "delivered")], "NOTIFY=SUCCESS, delivered to a local mailbox", **notify),
        Case("relayed", [Fate(f"ueda@{sure}", "delivered")], "NOTIFY=SUCCESS, relayed to a server without DSN", **notify),
    ]


def delay_cases(lab, name="", how=""):
    over = lab.peer("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    busy = lab.peer("greeting", "421 4.3.2 Service shutting down for maintenance")
    d = dict(kind="delay")
    return [
        Case(name or "expired", [Fate("nao@moss.example", "expired", "network_error")], how + "connection refused, delay notice", **d),
        Case(name or "mailbox_full", [Fate(f"nao@{over}", "mailbox_full")], how + "receiver answers at rcpt: 452 4.2.2, delay notice", **d),
        Case(name or "system_error", [Fate(f"nao@{busy}", "system_error")], how + "receiver answers 421 at the greeting, delay notice", **d),
    ]


def bounce_file_cases(lab, language):
    name, how = f"template {language}", f"bounce_message_file in {language}: "
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown")
    return [
        Case(name, [Fate(_local("kyoko.abe"), "user_unknown")], how + "unknown local user"),
        Case(name, [Fate(lab.someone(gone), "user_unknown")], how + "unknown remote user"),
        Case(name, [Fate(_local("full"), "mailbox_full")], how + "appendfile quota"),
        Case(name, [Fate("ryo@nowhere-at-all.example", "host_unknown")], how + "domain that doesn't exist"),
        Case(name, [Fate("ryo@moss.example", "expired", "network_error")], how + "connection refused, until expiry"),
    ]


def make(folder, logs):
    exim = Exim(folder)
    lab = exim.lab
    exim.prepare()
    cases = local_cases(exim) + option_cases(lab) + lab.reply_cases("X")
    delays = delay_cases(lab)
    translated = {language: (bounce_file_cases(lab, language), delay_cases(lab, f"template {language}", f"warn_message_file in {language}: "))
                  for language in BOUNCE_FILES}
    lab.start_peers()
    exim.round(cases, _EXPIRE)
    exim.round(delays, _KEEP, "delay_warning = 1s:1d")
    for language, (bounced, delayed) in translated.items():
        lab.write("etc/exim4/bounce.txt", BOUNCE_FILES[language])
        lab.write("etc/exim4/warn.txt", WARN_FILES[language])
        files = "bounce_message_file = /etc/exim4/bounce.txt\nwarn_message_file = /etc/exim4/warn.txt\n"
        exim.round(bounced, _EXPIRE, files)
        exim.round(delayed, _KEEP, files + "delay_warning = 1s:1d")
    if logs:
        shutil.copy(lab.root / "var/log/exim4/mainlog", logs / "exim.log")
    return lab
