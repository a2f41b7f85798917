"""What comes in to do harm, by every road: forged, replayed, cut short, 50 MB, nested, bombs of header fields, mails that want an
answer. Each is kept once and explained, none causes a mail, and a bounce that comes behind them is taken as ever."""

import json
import os
import pathlib
import shutil
import smtplib
import sqlite3
import subprocess
import time

from lab import authority, bounces, case, names
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
BREVO = "0123456789abcdef0123456789abcdef"
LARGEST = 64 << 20  # of a mail that is read whole out of a folder
PATIENCE = 240  # seconds without anything new; how long the whole takes is the machine's affair


def bounce(to, address, road):
    return bounces.bounce(to, address, mark=f"X-Road: {road}\n", original=f"Message-ID: <{road}@elsewhere.test>")


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


REPORT = """<?xml version="1.0"?><feedback><report_metadata><org_name>sunk</org_name><email>dmarc@one.sunk.test</email><report_id>{0}</report_id>
<date_range><begin>1795400000</begin><end>1795486399</end></date_range></report_metadata><policy_published><domain>origin.test</domain><p>none</p></policy_published>
<record><row><source_ip>203.0.113.7</source_ip><count>9</count><policy_evaluated><disposition>none</disposition><dkim>fail</dkim><spf>fail</spf></policy_evaluated></row>
<identifiers><header_from>origin.test</header_from></identifiers></record></feedback>"""


def incoming(road, path, refusal, address):
    """(recipient, mail) of every kind of thing that comes in; all of them name VICTIM as the one to answer."""
    wants = f"Reply-To: {VICTIM}\nErrors-To: {VICTIM}\nDisposition-Notification-To: {VICTIM}\nX-Road: {road}\n"
    genuine = wants + bounce(path, address, road)
    return [
        (path, genuine),
        (path, genuine.replace("Action: failed", "Action: delayed").replace("5.1.1", "4.2.2").replace("550 4.2.2", "452 4.2.2")),
        (path, genuine.replace("Action: failed", "Action: delivered").replace("5.1.1", "2.0.0").replace("550 2.0.0", "250 2.0.0")),
        (path, f"From: {VICTIM}\n{wants}Auto-Submitted: auto-replied\nSubject: Out of office\n\nI am away.\n"),
        (path, f"From: {VICTIM}\n{wants}Subject: a question\n\nWhen?\n"),
        (path, f"From: {VICTIM}\n{wants}Subject: Read: x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
               "--b\n\nread\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action; displayed\n\n--b--\n"),
        (path, f"From: feedback@sunk.test\n{wants}Subject: abuse\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
               "--b\n\nspam\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n--b\n"
               f"Content-Type: message/rfc822\n\nMessage-ID: <{road}@elsewhere.test>\nFrom: news@origin.test\nTo: {VICTIM}\n\nx\n--b--\n"),
        (refusal, f"From: {address}\n{wants}Subject: unsubscribe\n\nunsubscribe\n"),
        ("postmaster@origin.test", f"From: dmarc@one.sunk.test\n{wants}Subject: Report Domain: origin.test\nContent-Type: text/xml; name=a.xml\n"
                                   f"Content-Disposition: attachment; filename=a.xml\n\n{REPORT.format(road)}\n"),
    ]


class HostileIntakeTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, names.ZONE + f"{HOST}. A {HOST_ADDRESS}\n"))
        cls.ca = authority.Authority(cls.folder)

    def setUp(self):
        self.here = self.folder / self._testMethodName.removeprefix("test_")
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
        self.refusals = {mail["to"][0]: mail["unsubscribe"].split("mailto:")[1].rstrip(">") for mail in self.sink.mails()}

    def bring(self, road, recipient, mail):
        """Why the road itself refused it; nothing where it was taken."""
        content = mail.encode("latin-1")
        sender = VICTIM if "Reply-To:" in mail else ""
        if road == "smtp":
            with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test", timeout=PATIENCE) as client:
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
            if road == "folder":
                self.lay_down(road, f"From: MAILER-DAEMON@mx.sunk.test\nX-Road: {road}\n\n".encode() + b"\n" * LARGEST)
                wanted += 1
            self.wait_for(wanted, road)
            print(f"{road}: {time.monotonic() - begun:.1f} s; the daemon has used {self.memory(daemon)} MB at most")
        self.check(wanted)
        self.assertEqual(len(self.sink.mails()), sent, "no mail was caused")
        self.wait_until(lambda: daemon.ask("/health")[0] == 200, "it is well", timeout=PATIENCE)
        self.assertEqual(daemon.stop(), 0)

    def by_webhook(self, daemon, address):
        for event in ("soft_bounce", "deferred", "delivered", "spam"):
            status, _, answer = daemon.ask(f"/webhooks/brevo/{BREVO}", "POST", json.dumps(
                {"email": address, "event": event, "message-id": f"<{event}@elsewhere.test>", "ts_event": int(time.time()), "reason": "550 5.1.1 gone"}))
            self.assertEqual(status, 200, answer)

    def waiting(self):
        """What any part of the program has laid down to be sent."""
        with sqlite3.connect(f"file:{self.todoku.data}/todoku.db?mode=ro", uri=True, timeout=PATIENCE) as db:
            return [db.execute(f"select count(*) from {table}").fetchone()[0] for table in ("batch", "submission", "resend", "campaign_variant")]

    def test_no_mail_is_caused(self):
        """By nothing that comes in, on any road; nor by what comes back about a test mail, which people ask for."""
        self.todoku.set(**{"webhooks.brevo_secret": BREVO, "stop.retest_wait": "1h"})
        daemon = self.start_here(Daemon(self.todoku))
        before, sent, wanted = self.waiting(), len(self.sink.mails()), 0
        for road in ROADS:
            address = f"{road}@one.sunk.test"
            for recipient, mail in incoming(road, self.paths[address], self.refusals[address], address):
                self.assertEqual(self.bring(road, recipient, mail), "", (road, mail))
                wanted += 1
            self.wait_for(wanted, road)
        self.by_webhook(daemon, "harmed@one.sunk.test")
        kinds = {(entry["state"], entry["kind"]) for entry in self.entries() if entry["road"] != "webhook"}
        print("came in:", sorted(kinds))
        self.assertEqual({state for state, _ in kinds}, {"joined", "aside", "reply", "refusal", "report"})
        self.assertEqual({kind for state, kind in kinds if state == "joined"}, {"bounce", "delay", "delivered", "complaint"})
        self.assertEqual((self.waiting(), len(self.sink.mails())), (before, sent))

        self.bring("smtp", self.paths["harmed@one.sunk.test"], bounce(self.paths["harmed@one.sunk.test"], "harmed@one.sunk.test", "smtp"))
        self.wait_until(lambda: "harmed@one.sunk.test" in self.stops(), "it is stopped", timeout=PATIENCE)
        self.todoku.run("stops", "retest", "harmed@one.sunk.test")
        self.wait_until(lambda: len(self.sink.mails()) == sent + 1, "the test mail", timeout=PATIENCE)
        test = self.sink.mails()[-1]
        self.assertEqual(test["to"], ["harmed@one.sunk.test"])
        self.wait_until(lambda: self.waiting()[0] == 0, "its batch is over", timeout=PATIENCE)
        before = self.waiting()
        for _, mail in incoming("smtp", test["from"], "", "harmed@one.sunk.test")[:5]:
            self.bring("smtp", test["from"], mail.replace(self.paths["smtp@one.sunk.test"], test["from"]))
        self.wait_for(wanted + 4 + 1 + 5, "smtp")
        self.assertIn("harmed@one.sunk.test", self.stops())
        self.assertEqual((self.waiting(), len(self.sink.mails())), (before, sent + 1))
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(self.sink.mails()), sent + 1, "nor on its way out")

    def stops(self):
        return {stop["address"] for stop in self.todoku.run("stops", "list", "--format", "json").json()}

    def taken(self):
        """Past the program, since a command for each look would keep it from its work."""
        with sqlite3.connect(f"file:{self.todoku.data}/todoku.db?mode=ro", uri=True, timeout=PATIENCE) as db:
            return db.execute("select count(*) from intake").fetchone()[0]

    def wait_for(self, wanted, road):
        """Until so much is taken, however long that takes as long as there is always more."""
        while (before := self.taken()) < wanted:
            self.wait_until(lambda: self.taken() > before, f"{wanted} things are taken, with what {road} brought; {before} are", timeout=PATIENCE)

    def check(self, wanted):
        entries = self.entries()
        self.assertEqual(len(entries), wanted)
        self.assertEqual(self.stops(), {f"{road}@one.sunk.test" for road in ROADS})
        for road in ROADS:
            here = [entry for entry in entries if (entry["road"] if entry["road"] != "mailbox" else entry["place"]) == road]
            states = sorted(entry["state"] for entry in here)
            fine = ["joined"] + ["dead"] * (road == "folder") + [min(states) for name, (_, _, states) in hostile(road, "a@b", "c@d").items()
                                 if (road, name) != ("smtp", "50 MB")]
            self.assertEqual(states, sorted(fine), road)
        self.assertTrue(all(entry["problem"] for entry in entries if entry["state"] == "dead"))
        self.assertEqual([entry["road"] for entry in entries if "first 64 MiB" in entry["problem"]], ["folder"])
        dead = self.todoku.run("intake", "list", "--state", "dead", "--lang", "ja").output
        self.assertIn("読み取れず", dead)


if __name__ == "__main__":
    case.main()
