"""DragonFly Mail Agent: a notice in prose, without a delivery report."""

import shutil

from .case import Case, Fate
from .lab import Lab


def make(folder, logs):
    lab = Lab("dma", folder)
    gone = lab.peer("rcpt", "550 5.1.1 <{rcpt}>: Recipient address rejected: User unknown")
    sure = lab.peer()
    cases = [
        Case("host_unknown", [Fate("ume@nowhere-at-all.example", "host_unknown")], "domain that doesn't exist"),
        Case("user_unknown", [Fate(f"endo@{gone}", "user_unknown")], "one fails, one gets through", also_to=[f"endo@{sure}"]),
    ] + [c for c in lab.reply_cases("D") if "\n" not in c.how]
    for case in cases:
        case.by_program = True
    lab.write("etc/dma/dma.conf", "MAILNAME /etc/mailname\nFULLBOUNCE\n")
    lab.program = ["/usr/sbin/dma"]
    lab.run("mkdir", "-p", "/var/spool/dma")
    lab.start_peers()
    lab.collect(lab.send(cases), 60)
    if logs and (lab.root / "var/log/mail.log").exists():
        shutil.copy(lab.root / "var/log/mail.log", logs / "dma.log")
    return lab
