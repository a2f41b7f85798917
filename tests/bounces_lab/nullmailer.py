"""nullmailer: hands everything to one relay; the notice quotes that relay's session."""

import shutil

from .case import Case, Fate
from .lab import Lab, read_replies


def _cases(lab, routes):
    """A domain behind the relay for each reply."""
    cases = []
    for reason, stage, reply in read_replies("N"):
        domain = lab.peer()
        routes[domain] = (stage, reply)
        cases.append(Case(reason, [Fate(lab.someone(domain), reason)], f"the relay answers at {stage}: {reply.splitlines()[-1]}"))
    refusing, waiting = lab.peer(), lab.peer()
    routes[refusing] = ("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown")
    routes[waiting] = ("rcpt", "452 4.2.2 <{rcpt}>: mailbox is full")
    cases += [
        Case("several", [Fate(f"u{i}@{refusing}", "user_unknown") for i in range(1, 3)], "two unknown users of one domain"),
        Case("mailbox_full", [Fate(f"nao@{waiting}", "mailbox_full")],
             "the relay answers at rcpt: 452 4.2.2, until queuelifetime; the notice promises another", kind="delay"),
    ]
    for case in cases:
        case.by_program = True
    return cases


def make(folder, logs):
    lab = Lab("nullmailer", folder)
    relay = lab.peer()
    lab.peers[0].routes = {}
    cases = _cases(lab, lab.peers[0].routes)
    for name, text in (("me", "mail.hoshi.example"), ("defaultdomain", "hoshi.example"), ("adminaddr", ""), ("remotes", f"mx1.{relay} smtp"),
                       ("pausetime", "2"), ("maxpause", "2"), ("queuelifetime", "3"), ("sendtimeout", "10")):
        lab.write("etc/nullmailer/" + name, text + "\n" if text else "")
    lab.run("sh", "-c", "cd /var/spool/nullmailer; [ -p trigger ] || mkfifo -m 622 trigger; chown mail trigger")
    lab.start_peers()
    daemon = lab.start("su", "mail", "-s", "/bin/sh", "-c", "/usr/sbin/nullmailer-send")
    lab.collect(lab.send(cases), 60)
    daemon.terminate()
    if logs:
        shutil.copy(lab.scratch / "server.log", logs / "nullmailer.log")
    return lab
