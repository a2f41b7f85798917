"""Courier: its plain notices, one for all recipients, with expiry and delay notices."""

from .case import LOCAL_DOMAIN, Case, Fate
from .lab import Lab, wait_for_port

_FILES = {
    "me": "mail.hoshi.example\n",
    "defaultdomain": LOCAL_DOMAIN + "\n",
    "locals": f"{LOCAL_DOMAIN}\nmail.hoshi.example\n",
    "dsnfrom": '"Courier mail server at mail.hoshi.example" <@>\n',
    "retryalpha": "1s\n", "retrybeta": "3\n", "retrygamma": "1s\n", "retrymaxdelta": "0\n",
    "esmtptimeout": "3s\n", "esmtptimeoutconnect": "2s\n", "esmtptimeouthelo": "3s\n", "esmtptimeoutdata": "3s\n", "esmtpdelay": "1s\n",
    "esmtptimeoutkeepalive": "0\n",
}

class Courier:
    def __init__(self, folder):
        self.lab = Lab("courier", folder)

    def configure(self, queue_time, warn_time):
        lab = self.lab
        for name, text in _FILES.items():
            lab.write("etc/courier/" + name, text)
        lab.write("etc/courier/queuetime", queue_time + "\n")
        lab.write("etc/courier/warntime", warn_time + "\n")
        lab.run("authdaemond", "start")
        lab.run("courier", "start")
        lab.run("esmtpd", "start")
        wait_for_port()

    def stop(self):
        lab = self.lab
        lab.run("esmtpd", "stop", check=False)
        lab.run("courier", "stop", check=False)
        lab.run("authdaemond", "stop", check=False)
        lab.run("sh", "-c", "rm -rf /var/lib/courier/msgs/* /var/lib/courier/msgq/*", check=False)


def _local(n):
    return f"{n}@{LOCAL_DOMAIN}"


def local_cases(lab):
    p = lab.peer
    return [
        Case("user_unknown", [Fate(_local("nobody.here"), "user_unknown")], "login that isn't there"),
        Case("mailer_error", [Fate(_local("broken"), "mailer_error")], ".courier runs a command that doesn't exist"),
        Case("mailbox_full", [Fate(_local("full"), "mailbox_full")], ".courier runs a command that says over quota and exits with EX_NOPERM"),
        Case("host_unknown", [Fate("ume@nowhere-at-all.example", "host_unknown")], "domain that doesn't exist"),
        Case("host_unknown", [Fate("sora@sedge.example", "host_unknown", "no_mail_accepted")], "null MX, which looks like an unknown host"),
        Case("network_error", [Fate("rin@moss.example", "network_error")], "connection refused, until expiry"),
        Case("network_error", [Fate("rin@fern.example", "expired", "network_error")], "no answer to connect, until expiry"),
        Case("network_error", [Fate("rin@reed.example", "network_error")], "no route to the host, until expiry"),
        Case("network_error", [Fate("rin@clover.example", "network_error")], "name server answers SERVFAIL, until expiry"),
        Case("network_error", [Fate(lab.someone(p("close-data")), "network_error")], "the receiver hangs up at DATA"),
        Case("message_too_big", [Fate(lab.someone(p("size", "1000")), "message_too_big")], "the receiver announces SIZE 1000", padding=1500),
    ]


def option_cases(lab):
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown", ("SMTPUTF8",))
    full = lab.peer("rcpt", "552 5.2.2 <{rcpt}>: mailbox full")
    sure = lab.peer()
    notify = dict(kind="delivered", rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
    return [
        Case("user_unknown", [Fate(f"sato@{gone}", "user_unknown")], "RET=HDRS and ENVID", mail_options=["RET=HDRS", "ENVID=autumn0082"]),
        Case("user_unknown", [Fate(f"ito@{gone}", "user_unknown")], "ORCPT with another address", original_recipient=True),
        Case("user_unknown", [Fate(f"佐藤@{gone}", "user_unknown")], "SMTPUTF8 recipient", mail_options=["SMTPUTF8", "BODY=8BITMIME"]),
        Case("several", [Fate(f"a.kato@{gone}", "user_unknown"), Fate(f"b.kato@{full}", "mailbox_full"),
                         Fate("c.kato@nowhere-at-all.example", "host_unknown"), Fate(_local("broken"), "mailer_error")],
             "four recipients, four fates", also_to=[f"d.kato@{sure}"]),
        Case("several", [Fate(f"u{i}@{gone}", "user_unknown") for i in range(1, 4)], "three unknown users of one domain"),
        Case("local", [Fate(_local("hana"), "delivered")], "NOTIFY=SUCCESS, delivered to a maildir", **notify),
        Case("relayed", [Fate(f"ueda@{sure}", "delivered")], "NOTIFY=SUCCESS, relayed to a server without DSN", **notify),
    ]


def delay_cases(lab):
    over = lab.peer("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    d = dict(kind="delay")
    return [
        Case("network_error", [Fate("nao@moss.example", "network_error")], "connection refused, delay notice", **d),
        Case("mailbox_full", [Fate(f"nao@{over}", "mailbox_full")], "receiver answers at rcpt: 452 4.2.2, delay notice", **d),
    ]


def _prepare(lab):
    lab.user("hana", "broken", "full")
    for login, rule in (("broken", "| /usr/local/bin/archive\n"), ("full", "| echo maildir over quota; exit 77\n")):
        lab.write(f"home/{login}/.courier", rule)
        lab.run("chown", login, f"/home/{login}/.courier")
    lab.run("su", "hana", "-c", "maildirmake ~/Maildir")
    courierd = (lab.root / "etc/courier/courierd").read_text().replace("ESMTP_BLOCKBACKSCATTER=smtp/dsn", "ESMTP_BLOCKBACKSCATTER=")
    lab.write("etc/courier/courierd", courierd)
    lab.write("run/courier/authdaemon/.keep", "")
    settings = (lab.root / "etc/courier/esmtpd").read_text().replace("BOFHCHECKDNS=1", "BOFHCHECKDNS=0").replace("TARPIT=1", "TARPIT=0")
    lab.write("etc/courier/esmtpd", settings + "\nADDRESS=127.0.0.1\nMAXPERC=100\nMAXPERIP=100\nMAXDAEMONS=100\nBOFHSUPPRESSBACKSCATTER=none\n")
    lab.write("etc/courier/smtpaccess/default", "127\tallow,RELAYCLIENT,BLOCK\n")
    lab.run("makesmtpaccess")
    lab.write("etc/courier/aliases/system", "postmaster: hana\n")
    lab.run("makealiases")


def make(folder, _logs):
    c = Courier(folder)
    lab = c.lab
    _prepare(lab)
    cases = local_cases(lab) + option_cases(lab) + lab.reply_cases("C")
    delays = delay_cases(lab)
    lab.start_peers()
    c.configure("1s", "4h")
    lab.collect(lab.send(cases), 60)
    c.stop()
    c.configure("5d", "1s")
    lab.collect(lab.send(delays), 30)
    c.stop()
    return lab
