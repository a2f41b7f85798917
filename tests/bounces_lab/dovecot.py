"""Dovecot's delivery agent: vacation replies and refusals by Sieve, and full mailboxes."""

import shutil

from .case import LOCAL_DOMAIN, Case, Fate
from .lab import Lab

_CONFIG = """log_path = /tmp/lda.log
ssl = no
mail_location = maildir:~/Maildir
postmaster_address = postmaster@{domain}
hostname = mail.hoshi.example
submission_host = mx1.news.example:25
quota_full_tempfail = no
stats_writer_socket_path =
{extra}
protocol lda {{
  mail_plugins = sieve quota
}}
plugin {{
  sieve = file:/etc/dovecot/{user}.sieve
  {quota}
}}
"""

_VACATION = """require ["vacation"];
vacation :days 1 {subject} :addresses ["{user}@{domain}"] text:
{text}
.
;
"""

_REJECT = """require ["reject"];
reject text:
{text}
.
;
"""

# login, Sieve script
_SCRIPTS = {
    "hana": _VACATION.format(subject="", user="hana", domain=LOCAL_DOMAIN, text="I am out of the office until 7 December.\nPlease write to jiro@hoshi.example."),
    "jiro": _VACATION.format(subject=':subject "不在のお知らせ"', user="jiro", domain=LOCAL_DOMAIN, text="12月7日まで休暇をいただいております。\nお急ぎの方は代表までご連絡ください。"),
    "greta": _VACATION.format(subject=':subject "Abwesend: Ihre Nachricht"', user="greta", domain=LOCAL_DOMAIN,
                              text="Vielen Dank für Ihre Nachricht.\nIch bin bis zum 7. Dezember im Urlaub."),
    "louis": _VACATION.format(subject=':mime', user="louis", domain=LOCAL_DOMAIN,
                              text="Content-Type: text/html; charset=utf-8\n\n<p>Bonjour, je suis absent jusqu'au 7 décembre.</p>"),
    "emi": _VACATION.format(subject=':subject "This address is no longer read"', user="emi", domain=LOCAL_DOMAIN,
                            text="Thank you for your mail. I have left the company; your mail was not read.\nThe office answers at office@hoshi.example."),
    "saburo": _REJECT.format(text="I do not accept mail from this sender."),
    "shiro": _REJECT.format(text="Your message was refused by the recipient's settings: newsletters are not wanted here."),
    "goro": _REJECT.format(text="受信拒否設定により、このメールは受け取られませんでした。"),
    "rokuro": "keep;\n",
    "nanao": "keep;\n",
}

_PLAIN = "From: Hoshino Stationery <letters@news.example>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{n}.autumn@news.example>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0000\r\n\r\nHello,\r\nour autumn catalogue is out.\r\n"


def cases():
    out = []
    for n, login in enumerate(_SCRIPTS):
        to = f"{login}@{LOCAL_DOMAIN}"
        letter = _PLAIN.format(to=to, n=n, subject="Our autumn catalogue").encode()
        if "vacation" in _SCRIPTS[login]:
            out.append(Case("vacation", [Fate(to, "auto_reply")], "Sieve vacation", kind="auto_reply", letter=letter))
        elif "reject" in _SCRIPTS[login]:
            out.append(Case("recipient_refused", [Fate(to, "recipient_refused")], "Sieve reject: a disposition notification", letter=letter))
        else:
            out.append(Case("mailbox_full", [Fate(to, "mailbox_full")], "maildir quota; dovecot-lda's rejection", letter=letter))
    return out


def make(folder, logs):
    lab = Lab("dovecot", folder)
    lab.user(*_SCRIPTS)
    for login, script in _SCRIPTS.items():
        quota = "quota = maildir:User quota\n  quota_rule = *:bytes=10" if script.startswith("keep") else ""
        extra = "rejection_reason = 宛先 <%t> ではこのメールを受け取れませんでした:%n%r" if login == "nanao" else ""
        lab.write(f"etc/dovecot/{login}.sieve", script)
        lab.write(f"etc/dovecot/{login}.conf", _CONFIG.format(domain=LOCAL_DOMAIN, user=login, quota=quota, extra=extra))
        lab.run("sievec", f"/etc/dovecot/{login}.sieve", check=False)

    def deliver(case, sender, mail):
        to = case.recipients[0]
        login = to.partition("@")[0]
        done = lab.run("su", login, "-c", f"/usr/lib/dovecot/dovecot-lda -c /etc/dovecot/{login}.conf -f {sender} -a {to}", check=False, stdin=mail)
        if done.returncode:
            print(f"dovecot: {to}: {done.returncode} {done.stderr.decode()}", flush=True)

    lab.by_smtp = deliver
    lab.write("tmp/lda.log", "", 0o666)
    lab.start_peers()
    lab.collect(lab.send(cases()), 20)
    if logs:
        shutil.copy(lab.root / "tmp/lda.log", logs / "dovecot.log")
    return lab
