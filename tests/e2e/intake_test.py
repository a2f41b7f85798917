"""Mails that Postfix takes and bounces later: the third in a row stops, a pipe, a receiver's outage, bad input. roads_test.py has
every cause by every road."""

import shutil
import subprocess
import time

from lab import case, late, names
from lab.daemon import Daemon
from lab.todoku import BINARY, Todoku

TEMPLATE = {"subject.txt": "{{ contact.name }} 様へ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class IntakeTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, late.ZONE))
        cls.start(late.MailboxHost(cls.folder))

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.here.chmod(0o755)
        shutil.chown(self.here, "nobody")
        self.maildir = self.make_maildir("bounces", "nobody")
        self.todoku = Todoku(self.here, **{"log.level": "info", "intake.maildirs": self.maildir, "delivery.expire": "60s"})

    def make_maildir(self, name, owner):
        maildir = self.here / name
        for name in ("new", "cur", "tmp"):
            (maildir / name).mkdir(parents=True)
        for folder in [maildir, *maildir.iterdir()]:
            shutil.chown(folder, owner)
        return maildir

    def import_readers(self, readers):
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in readers], list_name="all")

    def send(self, name):
        self.todoku.create_campaign(name, list_name="all", template=case.write_template(self.here, TEMPLATE, name))
        self.todoku.send(name)

    def entries(self, *filters):
        return self.todoku.run("intake", "list", "--format", "json", "--limit", 5000, *filters).json()

    def wait_for_entries(self, wanted):
        self.wait_until(lambda: len(self.entries()) >= wanted, f"{wanted} entries", timeout=120)

    def stopped(self):
        return {stop["address"]: stop["reason"] for stop in self.todoku.run("stops", "list", "--format", "json", "--limit", 100_000).json()}

    def postfix_into_maildir(self):
        return late.postfix(self.start_here, self.here, settings=[
            f"transport_maps = inline:{{{late.POSTFIX_DOMAIN}=relay:[{late.HOST}]}}",
            "virtual_mailbox_domains = origin.test", f"virtual_mailbox_base = {self.here}",
            "virtual_mailbox_maps = static:bounces/", "virtual_uid_maps = static:65534", "virtual_gid_maps = static:65534"])

    def test_third_late_bounce_stops(self):
        self.postfix_into_maildir()
        self.import_readers([f"full-1@{late.POSTFIX_DOMAIN}", f"reader-1@{late.POSTFIX_DOMAIN}"])
        daemon = self.start_here(Daemon(self.todoku))
        for number in (1, 2, 3):
            self.assertEqual(self.stopped(), {})
            self.send(f"campaign{number}")
            self.wait_for_entries(number)
        self.assertEqual(self.stopped(), {f"full-1@{late.POSTFIX_DOMAIN}": "mailbox_full"})
        self.assertEqual(daemon.stop(), 0)

    def test_through_a_pipe(self):
        pipe = f"todoku unix - n n - 4 pipe flags=Rq user=nobody argv={self.here}/pipe ${{sender}} ${{recipient}}\n"
        late.postfix(self.start_here, self.here, services=pipe, settings=[
            "relay_domains = late.test, origin.test", "todoku_destination_recipient_limit = 1",
            f"transport_maps = inline:{{{late.POSTFIX_DOMAIN}=relay:[{late.HOST}], origin.test=todoku:}}"])
        self.import_readers([f"{cause}-{number}@late.test" for cause in late.CAUSES for number in range(3)])
        self.todoku.run("stops", "list")
        subprocess.run(["chown", "-R", "nobody", self.todoku.data], check=True)
        script = self.here / "pipe"
        script.write_text(f"#!/bin/sh\nexec {BINARY} --data {self.todoku.data} intake - --sender \"$1\" --recipient \"$2\" 2>>{self.here}/pipe.log\n")
        script.chmod(0o755)
        self.send("one")
        self.wait_for_entries(3 * len(late.CAUSES))
        self.assertEqual({(entry["road"], entry["state"], entry["found_by"]) for entry in self.entries()},
                         {("pipe", "joined", "return_path")})
        self.assertEqual(set(self.stopped()), {f"gone-{number}@late.test" for number in range(3)})

    def test_outage_of_a_receiver(self):
        """One that answers "User unknown" to everybody stops nobody, and is left alone for a while."""
        lost = [f"gone-{number}@straight.test" for number in range(2_000)]
        self.import_readers([*lost, *(f"reader-{number}@late.test" for number in range(20))])
        self.postfix_into_maildir()
        self.start_here(Daemon(self.todoku))
        self.todoku.create_campaign("one", list_name="all", template=case.write_template(self.here, TEMPLATE))
        self.todoku.run("campaign", "send", "one", "--no-wait")
        review = lambda: self.todoku.run("stops", "review", "--format", "json").json()
        self.wait_until(review, "the outage is noticed")
        self.wait_until(lambda: "event=site_held" in (self.here / "todoku.log").read_text(), "nothing more is sent there")
        time.sleep(2)  # what was under way ends
        outage, status = review()[0], self.todoku.status("one")
        print(f"noticed after {outage['errors']} of {outage['sent']}, {outage['held']} held, {status['waiting']} spared")
        self.assertEqual((outage["site"], outage["ended_at"]), ("straight.test", None))
        self.assertEqual(self.stopped(), {})
        self.assertEqual(status["failed"], outage["held"])
        self.assertGreater(status["waiting"], 0)
        for language in ("ja", "en"):
            self.assertIn("straight.test", self.todoku.run("stops", "review", "--lang", language).output)
        for wrong in (["--drop"], [outage["id"]], [outage["id"], "--drop", "--stop"], [99, "--drop"]):
            self.assertEqual(self.todoku.run("stops", "review", *wrong, fails=True).status, 2, wrong)
        self.todoku.run("stops", "review", outage["id"], "--stop")
        self.assertEqual(len(self.stopped()), outage["held"])

    def test_bad_input_and_what_is_shown(self):
        self.assertEqual(self.todoku.run("intake", "show", 99, fails=True).status, 2)
        self.assertEqual(self.todoku.run("intake", fails=True).status, 2)
        missing = self.todoku.run("intake", self.here / "nowhere", fails=True)
        self.assertIn("nowhere", missing.errors)
        self.assertEqual(missing.status, 1)
        nested = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        hostile = {"bomb": b"From: mailer-daemon@x.test\r\n" + b"X-Header: y\r\n" * 500_000 + b"\r\nhello\r\n",
                   "deep": b"From: mailer-daemon@x.test\r\n" + nested.encode() * 20_000, "nothing": b"",
                   "large": b"From: mailer-daemon@x.test\r\nSubject: x\r\n\r\n" + b"550 user unknown <a@b.test>\r\n" * 1_700_000}
        folder = self.here / "hostile"
        folder.mkdir()
        for name, content in hostile.items():
            (folder / name).write_bytes(content)
        for _ in range(2):
            done = self.todoku.run("intake", folder)
            print(f"hostile: {done.seconds:.2f} s, {done.memory >> 20} MB")
        self.assertEqual(len(self.entries()), len(hostile))
        self.assertEqual(self.stopped(), {})
        for entry in self.entries():
            for language in ("ja", "en"):
                self.assertTrue(self.todoku.run("intake", "show", entry["id"], "--lang", language).output)


if __name__ == "__main__":
    case.main()
