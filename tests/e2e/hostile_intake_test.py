"""What comes in to do harm, by every road: forged, replayed, cut short, 50 MB, nested, bombs of header fields, mails that want an
answer. Each is kept once and explained, none causes a mail, and a bounce that comes behind them is taken as ever."""

import json
import os
import pathlib
import shutil
import smtplib
import subprocess
import time

from lab import authority, case, names
from lab.daemon import Daemon
from lab.dovecot import Dovecot
from lab.namespace import USERS
from lab.sink import Sink
from lab.todoku import Todoku

PLACE = (names.ORIGIN, 25)
HOST = "boxes.origin.test"
HOST_ADDRESS = "192.0.2.62"
ROADS = ("smtp", "imap", "pop3", "folder", "pipe")
TEMPLATE = {"subject.txt": "x\n", "body.txt": "{{ unsubscribe_url }}\n"}
VICTIM = "victim@one.sunk.test"
ALARM = 60  # seconds for all that one road brings


def bounce(to, address, road):
    return f"""From: MAILER-DAEMON@mx.sunk.test
To: {to}
X-Road: {road}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=cut

--cut

Your mail could not be delivered to {address}: no such user.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.sunk.test

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: User unknown

--cut
Content-Type: text/rfc822-headers

Message-ID: <{road}@elsewhere.test>

--cut--
"""


def hostile(road, path, address):
    """name: (recipient, mail, states that are fine)"""
    system = f"From: MAILER-DAEMON@mx.sunk.test\nX-Road: {road}\n"
    nested = "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    answers = (f"From: {VICTIM}\nReply-To: {VICTIM}\nErrors-To: {VICTIM}\nDisposition-Notification-To: {VICTIM}\n"
               f"Return-Receipt-To: {VICTIM}\nX-Road: {road}\nTo: {path}\nSubject: please answer\n\nPlease answer.\n")
    forged = "bounces+" + "a" * 26 + "@origin.test"
    return {
        "forged": (forged, bounce(forged, address, road), {"foreign"}),
        "cut short": (path, f"X-Road: {road}\n" + bounce(path, address, road)[:70], {"dead"}),
        "50 MB": (path, system + "Subject: x\n\n" + "an endless story, told by a machine.\n" * 1_450_000, {"dead"}),
        "nested": (path, system + nested * 20_000, {"dead"}),
        "bomb of fields": (path, system + "X-Header: y\n" * 300_000 + "\nhello\n", {"dead"}),
        "bomb of a field": (path, system + "Subject: " + "y" * 5_000_000 + "\n\nhello\n", {"dead"}),
        "wants an answer": (path, answers, {"reply"}),
        "answers itself": (path, "Auto-Submitted: auto-replied\n" + answers.replace("please answer", "Out of office"), {"aside"}),
        "bounce of a bounce": ("postmaster@origin.test", bounce("postmaster@origin.test", "bounces+" + "b" * 26 + "@origin.test", road), {"foreign"}),
        "no text": (path, f"From: MAILER-DAEMON@x\nX-Road: {road}\nSubject: \x00\xff\n\n\x00\x01\n", {"dead"}),
    }


class HostileIntakeTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, names.ZONE + f"{HOST}. A {HOST_ADDRESS}\n"))
        cls.ca = authority.Authority(cls.folder)

    def setUp(self):
        self.here = self.folder / "hostile"
        self.here.mkdir()
        self.here.chmod(0o755)
        self.sink = self.start_here(Sink(self.here, names.SINK))
        self.dovecot = self.start_here(Dovecot(self.here, {"imap@origin.test": "900M", "pop3@origin.test": "900M"},
                                               certificate=self.ca.issue(HOST), address=HOST_ADDRESS))
        self.maildir = self.here / "bounces"
        for part in ("new", "cur", "tmp"):
            (self.maildir / part).mkdir(parents=True)
        self.todoku = Todoku(self.here, **{"log.level": "info", "intake.listen": "%s:%d" % PLACE,
                                           "intake.maildirs": self.maildir, "intake.forged_per_minute": 100,
                                           "intake.connections_per_client": 100})
        self.readers = [f"{name}@one.sunk.test" for name in (*ROADS, "harmed")]
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.readers], list_name="all")
        boxes = "".join("[[mailbox]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in {
            "name": road, "protocol": road, "server": HOST, "ca_file": str(self.ca.certificate), "user": f"{road}@origin.test", "password": Dovecot.PASSWORD, "poll": "1s",
        }.items()) for road in ("imap", "pop3"))
        (self.todoku.data / "todoku.toml").write_text(boxes)
        self.todoku.create_campaign("one", list_name="all", template=case.write_template(self.here, TEMPLATE))
        self.todoku.send("one")
        self.paths = {mail["to"][0]: mail["from"] for mail in self.sink.mails()}

    def bring(self, road, recipient, mail):
        """Why the road itself refused it; nothing where it was taken."""
        content = mail.encode("latin-1")
        sender = VICTIM if "Reply-To:" in mail else ""
        if road == "smtp":
            with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test", timeout=60) as client:
                try:
                    client.sendmail(sender, [recipient], content.replace(b"\n", b"\r\n"))
                except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as refused:
                    return str(refused)
        elif road == "pipe":
            done = subprocess.run(self.todoku._command(["intake", "-", "--sender", sender, "--recipient", recipient]), input=content,
                                  env=self.todoku._environment, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        else:
            self.lay_down(road, b"Delivered-To: " + recipient.encode() + f"\nReturn-Path: <{sender}>\n".encode() + content)
        return ""

    def lay_down(self, road, content):
        maildir = self.maildir if road == "folder" else self.dovecot.maildir(f"{road}@origin.test")
        for folder in (maildir.parent, maildir, *(maildir / name for name in ("cur", "new", "tmp"))):
            if not folder.exists():
                folder.mkdir(parents=True)
                shutil.chown(folder, "vmail", "vmail")
        self.laid = getattr(self, "laid", 0) + 1
        path = maildir / "tmp" / f"{1_700_000_000 + self.laid}.M{self.laid}P1.lab"
        path.write_bytes(content)
        os.chown(path, USERS["vmail"], USERS["vmail"])
        path.rename(maildir / "new" / path.name)

    def entries(self):
        return self.todoku.run("intake", "list", "--format", "json", "--limit", 10_000).json()

    def memory(self, daemon):
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) >> 10

    def test_by_every_road(self):
        daemon = self.start_here(Daemon(self.todoku))
        sent, wanted = len(self.sink.mails()), 0
        harmed = self.paths["harmed@one.sunk.test"]
        for road in ROADS:
            begun = time.monotonic()
            for name, (recipient, mail, _) in hostile(road, harmed, "harmed@one.sunk.test").items():
                refused = self.bring(road, recipient, mail)
                self.assertEqual(bool(refused), (road, name) == ("smtp", "50 MB"), (road, name, refused))
                wanted += not refused
            address = f"{road}@one.sunk.test"
            genuine = bounce(self.paths[address], address, road)
            for _ in range(1 if road == "folder" else 3):  # replayed; in a folder another file is another mail
                self.bring(road, self.paths[address], genuine)
            wanted += 1
            self.wait_until(lambda: self.taken(daemon) >= wanted, f"what {road} brought is taken", timeout=ALARM)
            print(f"{road}: {time.monotonic() - begun:.1f} s; the daemon has used {self.memory(daemon)} MB at most")
        self.check(wanted)
        self.assertEqual(len(self.sink.mails()), sent, "no mail was caused")
        self.assertEqual(daemon.ask("/health")[0], 200)
        self.assertEqual(daemon.stop(), 0)

    def taken(self, daemon):
        """Those of the pipe are of other processes."""
        return len(self.entries())

    def check(self, wanted):
        entries = self.entries()
        self.assertEqual(len(entries), wanted)
        stops = {stop["address"] for stop in self.todoku.run("stops", "list", "--format", "json").json()}
        self.assertEqual(stops, {f"{road}@one.sunk.test" for road in ROADS})
        for road in ROADS:
            here = [entry for entry in entries if (entry["road"] if entry["road"] != "mailbox" else entry["place"]) == road]
            states = sorted(entry["state"] for entry in here)
            fine = ["joined"] + [min(states) for name, (_, _, states) in hostile(road, "a@b", "c@d").items()
                                 if (road, name) != ("smtp", "50 MB")]
            self.assertEqual(states, sorted(fine), road)
        self.assertTrue(all(entry["problem"] for entry in entries if entry["state"] == "dead"))
        dead = self.todoku.run("intake", "list", "--state", "dead", "--lang", "ja").output
        self.assertIn("読み取れず", dead)


if __name__ == "__main__":
    case.main()
