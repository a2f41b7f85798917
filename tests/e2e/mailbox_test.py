"""Bounces fetched from mailboxes of Dovecot by IMAP and POP3: many waiting, interruptions, news, TLS, what may be removed."""

import json
import os
import pathlib
import shutil
import signal
import time

from lab import authority, case, names, tokens
from lab.daemon import Daemon
from lab.dovecot import Dovecot
from lab.namespace import USERS
from lab.todoku import Todoku

HOST = "mail.origin.test"
ADDRESS = names.ORIGIN
WAITING = 10_000

BOUNCE = """Return-Path: <>
From: MAILER-DAEMON@mx.elsewhere.test
To: bounces+unknown@origin.test
Message-ID: <{number}.bounce@mx.elsewhere.test>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your mail.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.elsewhere.test

Final-Recipient: rfc822; reader{number}@elsewhere.test
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b--
"""
PERSON = """From: Hanako <hanako@elsewhere.test>
To: bounces@origin.test
Message-ID: <{number}.person@elsewhere.test>
Subject: thank you

Thank you for the newsletter.
"""


class MailboxTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, names.ZONE + tokens.ZONE))
        cls.ca = authority.Authority(cls.folder)
        cls.certificate = cls.ca.issue(HOST)

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.here.chmod(0o755)
        self.user = "bounces@origin.test"
        self.dovecot = Dovecot(self.here, {self.user: "500M", "other@origin.test": None}, certificate=self.certificate, address=ADDRESS)
        self.start_here(self.dovecot)
        self.todoku = Todoku(self.here, **{"log.level": "info", "smtp.ca_file": self.ca.certificate})
        self.todoku.run("contacts", "list")  # makes the data folder
        self.config = pathlib.Path(self.todoku.data, "todoku.toml")

    def fill(self, count, text=BOUNCE, user=None, first=0):
        """Mails into the mailbox, past the server as a delivery agent does."""
        maildir = self.dovecot.maildir(user or self.user)
        for folder in (maildir.parent, maildir, *(maildir / name for name in ("cur", "new", "tmp"))):
            if not folder.exists():
                folder.mkdir(parents=True)
                shutil.chown(folder, "vmail", "vmail")
        for number in range(first, first + count):
            content = text.format(number=number).replace("\n", "\r\n")
            path = maildir / "tmp" / f"1700000000.M{number}P1{'b' if text is BOUNCE else 'p'}.lab"
            path.write_text(content, newline="")
            os.chown(path, USERS["vmail"], USERS["vmail"])
            path.rename(maildir / "new" / path.name)

    def waiting(self):
        maildir = self.dovecot.maildir(self.user)
        return sum(1 for name in ("cur", "new") for _ in (maildir / name).iterdir())

    def mailbox(self, **settings):
        settings = {"name": "main", "server": HOST, "ca_file": str(self.ca.certificate), "user": self.user,
                    "password": Dovecot.PASSWORD, "poll": "1s", **settings}
        settings = {key: value for key, value in settings.items() if value is not None}
        self.config.write_text(self.config.read_text() if self.config.exists() and "[[mailbox]]" in self.config.read_text() else "")
        with open(self.config, "a", encoding="utf-8") as file:
            file.write("[[mailbox]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))

    def serve(self):
        return self.start_here(Daemon(self.todoku, "--roles", "intake,web"))

    def taken(self):
        return self.todoku.run("intake", "list", "--format", "json", "--road", "mailbox", "--limit", 100_000).json()

    def count(self, daemon):
        _, _, text = daemon.ask("/metrics")
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith("todoku_intake") and 'road="mailbox"' in line)

    def check_all_once(self, count):
        entries = self.taken()
        self.assertEqual(len(entries), count)
        self.assertEqual(len({entry["recipients"][0]["address"] for entry in entries}), count)

    def take_all(self, daemon, count, what):
        begun = time.monotonic()
        self.wait_until(lambda: self.count(daemon) >= count, f"{count} mails are taken", timeout=120)
        seconds = time.monotonic() - begun
        print(f"{what}: {count} mails in {seconds:.1f} s, {count / seconds:.0f} a second")

    def test_many_by_imap(self):
        self.fill(WAITING)
        self.mailbox()
        self.take_all(self.serve(), WAITING, "IMAP")
        self.check_all_once(WAITING)
        self.assertEqual(self.waiting(), WAITING, "nothing is removed")

    def test_many_by_pop3(self):
        self.fill(WAITING)
        self.mailbox(protocol="pop3")
        daemon = self.serve()
        self.take_all(daemon, WAITING, "POP3")
        self.fill(5, first=WAITING)
        self.wait_until(lambda: self.count(daemon) >= WAITING + 5, "the next look finds five more", timeout=60)
        self.check_all_once(WAITING + 5)
        self.assertEqual(self.waiting(), WAITING + 5)

    def interrupt(self, daemon, step):
        for number in range(1, 4):
            self.wait_until(lambda: self.count(daemon) >= step, "some are taken", timeout=60)
            daemon.process.kill()
            daemon.process.wait()
            if number == 2:
                self.dovecot.stop()
                daemon = self.serve()
                self.wait_until(lambda: daemon.ask("/health")[0] == 503, "its absence is told")
                self.assertIn("port 993" if self.imap else "port 995", daemon.ask("/health")[2])
                self.dovecot.start()
            else:
                daemon = self.serve()
        return daemon

    def test_interruptions_by_imap(self):
        self.imap = True
        self.fill(WAITING)
        self.mailbox()
        daemon = self.interrupt(self.serve(), 500)
        self.assertLess(len(self.taken()), WAITING, "it was interrupted midway")
        self.wait_until(lambda: len(self.taken()) >= WAITING, "all are taken", timeout=120)
        self.check_all_once(WAITING)
        # The server goes away and comes back: what comes afterwards is found.
        self.dovecot.stop()
        self.wait_until(lambda: daemon.ask("/health")[0] == 503, "its absence is told")
        self.dovecot.start()
        self.fill(3, first=WAITING)
        self.wait_until(lambda: len(self.taken()) == WAITING + 3, "the new ones are taken", timeout=60)
        self.wait_until(lambda: daemon.ask("/health")[0] == 200, "all is well again")

    def test_interruptions_by_pop3(self):
        self.imap = False
        self.fill(3_000)
        self.fill(2, PERSON)
        self.mailbox(protocol="pop3", after="remove")
        self.interrupt(self.serve(), 300)
        self.wait_until(lambda: self.waiting() == 2, "bounces are removed, people's mails are not", timeout=120)
        entries = [entry for entry in self.taken() if entry["kind"] == "bounce"]
        self.assertEqual(len(entries), 3_000)
        self.assertEqual(len({entry["recipients"][0]["address"] for entry in entries}), 3_000)

    def test_news_come_at_once(self):
        self.mailbox(poll="1h")
        self.fill(1)
        daemon = self.serve()
        self.wait_until(lambda: self.count(daemon) == 1, "the first")
        for number in range(1, 4):
            time.sleep(0.5)
            self.fill(1, first=number)
            begun = time.monotonic()
            self.wait_until(lambda: self.count(daemon) == number + 1, "the next")
            print(f"IDLE: taken {time.monotonic() - begun:.2f} s after it came")
            self.assertLess(time.monotonic() - begun, 3)

    def test_move_and_remove_by_imap(self):
        self.fill(250)
        self.fill(3, PERSON)
        done = self.dovecot.maildir(self.user) / ".Done"
        for folder in (done, *(done / name for name in ("cur", "new", "tmp"))):
            folder.mkdir()
            shutil.chown(folder, "vmail", "vmail")
        self.mailbox(after="move", move_to="Done")
        self.serve()
        self.wait_until(lambda: self.waiting() == 3, "bounces are moved, people's mails are not", timeout=60)
        self.assertEqual(sum(1 for name in ("cur", "new") for _ in (done / name).iterdir()), 250)
        self.fill(2, user="other@origin.test")
        self.mailbox(name="second", user="other@origin.test", after="remove", tls="starttls")
        self.daemon_again()
        maildir = self.dovecot.maildir("other@origin.test")
        self.wait_until(lambda: not [*(maildir / "cur").iterdir(), *(maildir / "new").iterdir()], "the second mailbox is emptied")

    def daemon_again(self):
        """SIGHUP takes the settings over."""
        for process in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            if b"\0serve\0" in process.read_bytes():
                os.kill(int(process.parent.name), signal.SIGHUP)

    def sign_in_by_token(self, protocol, mechanism):
        """Tokens are fetched, refused once they are over, and fetched anew with the grant that came with the last."""
        self.dovecot.stop()
        server = self.start_here(tokens.TokenServer(*self.ca.issue(tokens.HOST), self.user))
        self.dovecot = Dovecot(self.here, {self.user: "500M"}, name="by-token", certificate=self.certificate, address=ADDRESS,
                               oauth=(mechanism, tokens.INTROSPECTION))
        self.start_here(self.dovecot)
        self.fill(20)
        self.mailbox(protocol=protocol, password=None, token_url=f"https://{tokens.HOST}/token", client_id="todoku", refresh_token="grant-0")
        daemon = self.serve()
        self.wait_until(lambda: self.count(daemon) == 20, "mails are taken by a token", timeout=30)
        self.assertEqual((server.issued, set(server.asked)), (["access-0"], {"access-0"}))
        server.revoke()
        self.dovecot.stop()
        self.wait_until(lambda: daemon.ask("/health")[0] == 503, "the session is lost")
        self.dovecot.start()
        self.fill(5, first=20)
        self.wait_until(lambda: self.count(daemon) == 25, "the rest is taken by the next", timeout=30)
        self.assertEqual(server.issued, ["access-0", "access-1"])
        self.assertEqual(daemon.stop(), 0)
        daemon = self.serve()  # knows the newest grant, which is no longer the one in the settings
        self.fill(5, first=25)
        self.wait_until(lambda: len(self.taken()) == 30, "a new process signs in as well", timeout=30)
        self.assertEqual(server.issued, ["access-0", "access-1", "access-2"])
        self.assertEqual(daemon.ask("/health")[0], 200)
        log = (self.here / "todoku.log").read_text(errors="replace")
        self.assertNotIn("access-", log)
        self.assertNotIn("grant-", log)

    def test_token_by_imap(self):
        self.sign_in_by_token("imap", "xoauth2")

    def test_token_by_pop3(self):
        self.sign_in_by_token("pop3", "oauthbearer")

    def test_grant_that_is_over(self):
        server = self.start_here(tokens.TokenServer(*self.ca.issue(tokens.HOST), self.user, refresh_token="another"))
        self.mailbox(password=None, token_url=f"https://{tokens.HOST}/token", client_id="todoku", refresh_token="grant-0")
        daemon = self.serve()
        self.wait_until(lambda: "the grant is over" in daemon.ask("/health")[2], "it is told")
        self.assertEqual(server.issued, [])

    def test_says_what_is_wrong(self):
        self.fill(1)
        self.mailbox(name="password", password="wrong")
        self.mailbox(name="nowhere", server="nowhere.test")
        self.mailbox(name="distrusted", ca_file="/etc/ssl/certs/ca-certificates.crt")
        self.mailbox(name="misnamed", server="mx.postfix.test")
        self.mailbox(name="folder", folder="Missing")
        self.mailbox(name="closed", port=9)
        self.mailbox(name="good", protocol="pop3", tls="starttls")
        shown = Dovecot(self.here, {}, name="elsewhere", certificate=self.certificate, address=names.POSTFIX)
        self.start_here(shown)
        daemon = self.serve()
        wanted = {"password": "refuses user, password", "nowhere": "no server of this name", "distrusted": "no authority",
                  "misnamed": "not for mx.postfix.test", "folder": "'Missing' cannot be opened", "closed": "no connection to port 9"}

        def reasons():
            return daemon.ask_json("/health")[1].get("reasons", {})

        self.wait_until(lambda: len(reasons()) >= len(wanted), "all faults are told", timeout=30)
        for name, words in wanted.items():
            self.assertIn(words, reasons()[f"mailbox {name}"])
        self.assertNotIn("mailbox good", reasons())
        self.assertEqual(self.count(daemon), 1)
        self.assertNotIn("wrong", (self.here / "todoku.log").read_text(errors="replace").replace("what went wrong", ""))

    def test_refuses_settings_that_cannot_be(self):
        for settings, words in (({"tls": "off"}, "in the clear"), ({"after": "move"}, "move_to"), ({"protocol": "imap4"}, "imap"),
                                ({"password": ""}, "cannot be"), ({"colour": "red"}, "no setting 'mailbox.colour'")):
            self.config.write_text("")
            self.mailbox(**settings)
            refused = self.todoku.run("serve", "--roles", "intake", fails=True)
            self.assertEqual(refused.status, 2, settings)
            self.assertIn(words, refused.errors)


if __name__ == "__main__":
    case.main()
