"""No open relay, whatever is tried and however it is set up: every classic trick against both of our SMTP listeners. A server stands
ready for the domains that the tricks aim at; not one mail may reach it, or wait in the queue for it.
"""

import base64
import re
import sqlite3
import time
import unittest

from lab import case, names
from lab.authority import Authority
from lab.conversation import Conversation
from lab.daemon import Daemon
from lab.sink import Sink
from lab.todoku import Todoku

BOUNCES, SUBMISSION, SUBMISSION_TLS = 25, 587, 465
PROXY = "192.0.2.61"
VICTIM = "victim@target.sunk.test"
HOST = "target.sunk.test"

RECIPIENTS = [
    VICTIM, f'"{VICTIM}"', f"victim%{HOST}", f"victim%{HOST}@origin.test", f"victim%{HOST}@mail.origin.test", f"victim%{HOST}@[192.0.2.50]",
    f'"victim%{HOST}"@origin.test', f"{HOST}!victim", f"{HOST}!victim@origin.test", f"origin.test!{HOST}!victim@origin.test",
    f'"{VICTIM}"@origin.test', f"{VICTIM}@origin.test", f'"victim@{HOST}"@[192.0.2.50]', f"@origin.test:{VICTIM}", f"@origin.test,@mail.origin.test:{VICTIM}",
    f"@{HOST}:postmaster@{HOST}", "victim@[192.0.2.30]", "victim@[IPv6:::ffff:192.0.2.30]", "victim@192.0.2.30", f"postmaster@{HOST}",
    f"abuse@{HOST}", f"{VICTIM}%00@origin.test", f"{VICTIM}\\@origin.test", f"=?utf-8?q?victim=40{HOST}?=", f"=?utf-8?q?victim=40{HOST}?=@origin.test",
    f"bounces+{VICTIM}", f"bounces+{'a' * 26}@{HOST}", f"unsubscribe+{'a' * 26}@{HOST}", f"postmaster@{HOST}@origin.test", f"postmaster,{VICTIM}",
    f"postmaster {VICTIM}", f"postmaster@origin.test>,<{VICTIM}", f"postmaster@origin.test> <{VICTIM}", f"postmaster@origin.test {VICTIM}",
    f"victim@{HOST}.", f"victim@{HOST}@", f"victim@{HOST}:25", f"victim@{HOST}%origin.test", f"victim(@origin.test)@{HOST}", f"<{VICTIM}>",
    f"postmaster\0@origin.test,{VICTIM}", f"SMTP:{VICTIM}", f"[smtp:{VICTIM}]", f"mailto:{VICTIM}", f"|/usr/bin/mail {VICTIM}@origin.test",
    f"victim@ｔａｒｇｅｔ.sunk.test", "anybody@origin.test", "root", "news@origin.test",
]
SENDERS = ["", "news@origin.test", "postmaster@origin.test", "MAILER-DAEMON", VICTIM, "stranger@elsewhere.test", "news@[192.0.2.50]", "news@mail.origin.test"]
CONTENT = f"From: news@origin.test\r\nTo: {VICTIM}\r\nSubject: relayed\r\n\r\nrelayed\r\n.\r\n"

SETTINGS = {
    "as it comes": {},
    "everything wide": {"intake.domains": "elsewhere.test,mail.origin.test", "intake.addresses": "news@elsewhere.test", "intake.forged_per_minute": 100_000,
                        "intake.connections_per_client": 0, "intake.mails_per_minute": 0, "submission.connections_per_client": 0},
    "behind proxies": {"intake.proxies": PROXY, "submission.proxies": PROXY},
    "through a smart host": {"smarthost.host": names.SINK, "smarthost.port": 25, "smarthost.tls": "off", "identity.bounce_domain": "bounce.origin.test"},
}


class RelayTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK, content=True))
        cls.chain, cls.key = Authority(cls.folder).issue("mail.origin.test")

    def serve(self, name, settings):
        here = self.folder / f"{self._testMethodName} {name}".replace(" ", "-")
        here.mkdir()
        self.todoku = Todoku(here, **{"intake.tls_certificate": self.chain, "intake.tls_key": self.key, "submission.tls_certificate": self.chain,
                                      "submission.tls_key": self.key, "intake.listen": f"{names.ORIGIN}:25", "submission.listen": f"{names.ORIGIN}:587",
                                      "submission.listen_tls": f"{names.ORIGIN}:465", **settings})
        self.secret = re.search(r"todoku_\S+", self.todoku.run("key", "create", "shop", "--domain", "origin.test").output).group()
        return self.start_here(Daemon(self.todoku))

    def under_each_setting(self, check):
        for name, settings in SETTINGS.items():
            with self.subTest(name):
                daemon = self.serve(name, settings)
                try:
                    check(settings)
                    self.check_that_nothing_is_relayed()
                finally:
                    self.assertEqual(daemon.stop(), 0)

    def check_that_nothing_is_relayed(self, submissions=0):
        with sqlite3.connect(f"file:{self.todoku.data}/todoku.db?mode=ro", uri=True) as db:
            self.assertEqual(db.execute("select count(*) from submission").fetchone()[0], submissions)
            if not submissions:
                self.assertEqual(db.execute("select count(*) from batch").fetchone()[0], 0)
        time.sleep(0.3)  # longer than the engine looks for work
        self.assertEqual([mail for mail in self.sink.mails() if mail["from"] is None or VICTIM in mail["to"] or "relayed" in mail["content"]], [])

    def open(self, port, settings, **options):
        """Also as a proxy, where one is believed, that says it is this machine itself."""
        if port == SUBMISSION_TLS:
            options["tls"] = True
        if "intake.proxies" in settings:
            return Conversation(names.ORIGIN, port, source=PROXY, first=b"PROXY TCP4 127.0.0.1 127.0.0.1 1 25\r\n", **options)
        return Conversation(names.ORIGIN, port, **options)

    def try_all(self, settings, port, starts_tls=False):
        """Every sender with every recipient; the recipients that were taken."""
        taken = []
        for sender in SENDERS:
            for chunk in (RECIPIENTS[at:at + 7] for at in range(0, len(RECIPIENTS), 7)):  # below the number of errors that ends a session
                with self.open(port, settings) as client:
                    client.say("EHLO relay.test")
                    if starts_tls:
                        client.start_tls()
                        client.say("EHLO relay.test")
                    if not client.say(f"MAIL FROM:<{sender}>").startswith("250"):
                        self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>")[0], "5")
                        self.assertEqual(client.code("DATA")[0], "5")
                        break
                    some = [recipient for recipient in chunk if client.code(f"RCPT TO:<{recipient}>".encode()) == "250"]
                    taken += some
                    if client.code("DATA") == "354":
                        client.send(CONTENT)
                        client.hear()
        return set(taken)

    def test_bounce_listener_takes_no_trick(self):
        self.under_each_setting(self.check_that_bounce_listener_takes_no_trick)

    def check_that_bounce_listener_takes_no_trick(self, settings):
        for starts_tls in (False, True):
            self.assertEqual(self.try_all(settings, BOUNCES, starts_tls), set())
        with self.open(BOUNCES, settings) as client:
            client.say("EHLO relay.test")
            self.assertNotEqual(client.sign_in("shop", self.secret)[:1], "2", "there is nothing to sign in to")
            self.assertEqual(client.code(f"VRFY {VICTIM}"), "252")
            self.assertEqual(client.code("TURN")[0], "5")
            self.assertEqual(client.code(f"SEND FROM:<{VICTIM}>")[0], "5")
            self.assertEqual(client.code(f"ETRN {HOST}")[0], "5")

    def test_mail_to_the_bounce_domain_causes_none(self):
        self.under_each_setting(self.check_that_mail_to_the_bounce_domain_causes_none)

    def check_that_mail_to_the_bounce_domain_causes_none(self, settings):
        domain = settings.get("identity.bounce_domain", "origin.test")
        with self.open(BOUNCES, settings) as client:
            client.say("EHLO relay.test")
            for sender in (VICTIM, ""):
                client.say(f"MAIL FROM:<{sender}>")
                self.assertEqual(client.code(f"RCPT TO:<postmaster@{domain}>"), "250")
                self.assertEqual(client.code("DATA"), "354")
                client.send(f"From: {VICTIM}\r\nReply-To: {VICTIM}\r\nReturn-Receipt-To: {VICTIM}\r\nDisposition-Notification-To: {VICTIM}\r\n"
                            f"Errors-To: {VICTIM}\r\nSubject: help\r\n\r\nsubscribe {VICTIM}\r\n.\r\n")
                self.assertTrue(client.hear().startswith("250"))

    def test_submission_takes_nothing_without_a_key(self):
        self.under_each_setting(self.check_that_submission_takes_nothing_without_a_key)

    def check_that_submission_takes_nothing_without_a_key(self, settings):
        for port, starts_tls in ((SUBMISSION, False), (SUBMISSION, True), (SUBMISSION_TLS, False)):
            self.assertEqual(self.try_all(settings, port, starts_tls), set())

    def test_there_is_no_side_door(self):
        self.under_each_setting(self.check_that_there_is_no_side_door)

    def check_that_there_is_no_side_door(self, settings):
        for port in (BOUNCES, SUBMISSION, SUBMISSION_TLS):
            with self.open(port, settings) as client:  # who claims to be somebody else, or to have signed in elsewhere
                client.say("EHLO relay.test")
                for claim in ("XCLIENT ADDR=127.0.0.1 LOGIN=shop", "XFORWARD ADDR=127.0.0.1", "PROXY TCP4 127.0.0.1 127.0.0.1 1 25",
                              "PROXY UNKNOWN", "AUTH EXTERNAL =", "AUTH ANONYMOUS"):
                    self.assertEqual(client.code(claim)[0], "5", claim)
                client.say("MAIL FROM:<news@origin.test> AUTH=news@origin.test")
                client.say("MAIL FROM:<news@origin.test> AUTH=<>")
                self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>")[0], "5")
            with self.open(port, settings) as client:  # without EHLO, or with the old greeting
                client.say("MAIL FROM:<>")
                self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>")[0], "5")
                client.say("HELO relay.test")
                client.say("MAIL FROM:<>")
                self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>")[0], "5")
            with self.open(port, settings) as client:  # without waiting for a single answer
                client.send(f"EHLO relay.test\r\nMAIL FROM:<news@origin.test>\r\nRCPT TO:<{VICTIM}>\r\nDATA\r\n{CONTENT}QUIT\r\n")
                heard = [client.hear()[:3] for _ in range(4)]
                self.assertEqual((heard[0], heard[2][0], heard[3][0]), ("250", "5", "5"))
            with self.open(port, settings) as client:
                client.say("EHLO relay.test")
                self.assertEqual(client.code(f"EXPN {VICTIM}")[0], "5")
                client.send(f"MAIL FROM:<news@origin.test>\r\nRCPT TO:<{VICTIM}>\r\nBDAT {len(CONTENT)} LAST\r\n{CONTENT}")
                self.assertNotIn("250", [client.hear()[:3] for _ in range(3)][1:])

    def test_submission_signs_in_over_tls_with_a_living_key_alone(self):
        daemon = self.serve("keys", {"log.level": "info"})
        plain = base64.b64encode(f"\0shop\0{self.secret}".encode()).decode()
        with Conversation(names.ORIGIN, SUBMISSION) as client:
            self.assertNotIn("AUTH", client.say("EHLO relay.test"))
            self.assertEqual(client.code(f"AUTH PLAIN {plain}"), "538")
            self.assertEqual(client.code("AUTH LOGIN"), "538")
            self.assertEqual(client.code("MAIL FROM:<news@origin.test>"), "530")
        with Conversation(names.ORIGIN, SUBMISSION) as client:  # commands that somebody put behind STARTTLS
            client.say("EHLO relay.test")
            client.send(f"STARTTLS\r\nAUTH PLAIN {plain}\r\nMAIL FROM:<news@origin.test>\r\n")
            self.assertTrue(client.hear().startswith("554"))
            self.assertEqual(client.hear(), "")
        for user, password in (("shop", ""), ("shop", self.secret[:-1]), ("other", self.secret), ("", self.secret)):
            with Conversation(names.ORIGIN, SUBMISSION_TLS, tls=True) as client:
                client.say("EHLO relay.test")
                self.assertEqual(client.sign_in(user, password)[:1], "5")
                self.assertEqual(client.code("MAIL FROM:<news@origin.test>"), "530")
        self.assertNotIn(self.secret, (self.todoku.data.parent / "todoku.log").read_text(errors="replace").split("todoku serve")[-1])
        time.sleep(13)  # the failures above have used up a minute's; one comes back in twelve seconds
        with Conversation(names.ORIGIN, SUBMISSION_TLS, tls=True) as client:
            client.say("EHLO relay.test")
            self.assertTrue(client.sign_in("shop", self.secret).startswith("235"))
            self.todoku.run("key", "revoke", "shop")
            self.assertEqual(client.code("MAIL FROM:<news@origin.test>"), "550")
            self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>")[0], "5")
        with Conversation(names.ORIGIN, SUBMISSION_TLS, tls=True) as client:
            client.say("EHLO relay.test")
            self.assertTrue(client.sign_in("shop", self.secret).startswith("535"))
        self.check_that_nothing_is_relayed()
        self.assertEqual(daemon.stop(), 0)

    def signed_in(self):
        client = Conversation(names.ORIGIN, SUBMISSION_TLS, tls=True)
        client.say("EHLO relay.test")
        self.assertTrue(client.sign_in("shop", self.secret).startswith("235"))
        return client

    def test_a_key_sends_for_its_domains_alone(self):
        daemon = self.serve("domains", {})
        for sender in ("", VICTIM, "news@elsewhere.test", "news@sub.origin.test", "news@notorigin.test", "news@origin.test@elsewhere.test", "news",
                       "news@[192.0.2.50]", f"@origin.test:{VICTIM}"):
            with self.signed_in() as client:
                self.assertEqual(client.code(f"MAIL FROM:<{sender}>")[0], "5", sender)
                self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>")[0], "5")
        for header in (f"From: {VICTIM}", f'From: "news@origin.test" <{VICTIM}>', f"From: news@origin.test, {VICTIM}", f"From: news@origin.test\r\nSender: {VICTIM}",
                       f"From: news@origin.test\r\nFrom: {VICTIM}", f"From: <{VICTIM}> <news@origin.test>", f"From: news@origin.test ({VICTIM})",
                       f"From:\r\n {VICTIM}", "Subject: no sender", f"From: =?utf-8?q?news=40origin.test?= <{VICTIM}>", f"From : {VICTIM}"):
            with self.signed_in() as client:
                self.assertEqual(client.code("MAIL FROM:<news@origin.test>"), "250")
                self.assertEqual(client.code(f"RCPT TO:<{VICTIM}>"), "250")
                self.assertEqual(client.code("DATA"), "354")
                client.send(f"{header}\r\nSubject: relayed\r\n\r\nrelayed\r\n.\r\n")
                self.assertTrue(client.hear().startswith("550"), header)
        self.check_that_nothing_is_relayed()
        self.assertEqual(daemon.stop(), 0)

    def test_no_second_mail_is_smuggled_in(self):
        daemon = self.serve("smuggling", {})
        inner = f"MAIL FROM:<{VICTIM}>\r\nRCPT TO:<{VICTIM}>\r\nDATA\r\nFrom: {VICTIM}\r\n\r\nrelayed\r\n.\r\n"
        for end in ("\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\0\r\n", "\n.\r", "\r\n.\r\r\n"):
            with self.signed_in() as client:
                self.assertEqual(client.code("MAIL FROM:<news@origin.test>"), "250")
                self.assertEqual(client.code("RCPT TO:<reader@other.sunk.test>"), "250")
                self.assertEqual(client.code("DATA"), "354")
                client.send(f"From: news@origin.test\r\nSubject: outer\r\n\r\nouter{end}{inner}")
                self.assertEqual(client.hear()[:3], "550", repr(end))
        self.check_that_nothing_is_relayed()
        with self.signed_in() as client:  # a dot that is text is no end
            client.say("MAIL FROM:<news@origin.test>")
            client.say("RCPT TO:<reader@other.sunk.test>")
            client.say("DATA")
            client.send("From: news@origin.test\r\nSubject: fine\r\n\r\n..\r\nMAIL FROM:<x@y.test>\r\n.\r\n")
            self.assertEqual(client.hear()[:3], "250")
        self.wait_until(lambda: self.sink.mails(), "the honest one is sent")
        self.assertIn("\r\n..\r\nMAIL FROM:<x@y.test>", self.sink.mails()[0]["content"])
        self.check_that_nothing_is_relayed(submissions=1)
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    case.main()
