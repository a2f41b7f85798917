"""Mail that programs hand in over authenticated SMTP: on its way before all bulk, signed, traced, never lost, its bounces understood."""

import email
import email.message
import email.policy
import pathlib
import re
import smtplib
import ssl
import time
import unittest

import dkim

from lab import case, names
from lab.authority import Authority
from lab.bounces import bounce
from lab.daemon import Daemon
from lab.sink import Sink
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "{{ contact.name }} 様\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class SubmissionTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.authority = Authority(cls.folder)
        cls.chain, cls.key = cls.authority.issue("mail.origin.test")

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.sink = self.start_here(Sink(self.here, names.SINK, content=True, pace=1_000))
        self.todoku = Todoku(self.here, **{"submission.tls_certificate": self.chain, "submission.tls_key": self.key,
                                           "submission.listen": f"{names.ORIGIN}:587", "submission.listen_tls": f"{names.ORIGIN}:465",
                                           "intake.listen": f"{names.ORIGIN}:25", "log.level": "info"})
        self.secret = self.create_key("shop", "--domain", "origin.test")

    def create_key(self, *arguments):
        return re.search(r"todoku_\S+", self.todoku.run("key", "create", *arguments).output).group()

    def serve(self):
        return self.start_here(Daemon(self.todoku))

    def client(self, user="shop", secret=None):
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        client = smtplib.SMTP("mail.origin.test", 587, local_hostname="secret-client.internal.test", timeout=30)
        client.starttls(context=context)
        client.login(user, secret or self.secret)
        return client

    def mail(self, subject="Your receipt", to="reader@one.sunk.test"):
        message = email.message.EmailMessage(email.policy.SMTP)
        message["From"] = "Shop <shop@origin.test>"
        message["To"] = to
        message["Subject"] = subject
        message.set_content("ありがとうございます。\n")
        return message

    def sent(self, count):
        self.wait_until(lambda: len(self.sink.mails()) >= count, f"{count} mails are sent", timeout=60)
        return self.sink.mails()

    def test_is_sent_signed_and_traced(self):
        self.todoku.run("dkim", "generate", "origin.test")
        daemon = self.serve()
        message = self.mail()
        message["Bcc"] = "hidden@two.sunk.test"
        with self.client() as client:
            refused = client.sendmail("shop@origin.test", ["reader@one.sunk.test", "hidden@two.sunk.test"], message.as_bytes())
        self.assertEqual(refused, {})
        mails = self.sent(2)
        self.assertEqual(sorted(to for mail in mails for to in mail["to"]), ["hidden@two.sunk.test", "reader@one.sunk.test"])
        self.assertEqual(len({mail["from"] for mail in mails}), 2, "each has a return path of its own")
        for mail in mails:
            self.assertRegex(mail["from"], r"^bounces\+[a-z2-7]+@origin\.test$")
            read = email.message_from_string(mail["content"])
            self.assertEqual(len(read.get_all("Received")), 1)
            self.assertTrue(read["Message-ID"].endswith("@origin.test>"))
            self.assertTrue(read["Date"])
            self.assertNotIn("hidden", mail["content"])
            for trace in ("internal", "192.0.2.50]", "127.0.0.1", "shop (", "secret-client"):
                self.assertNotIn(trace, mail["content"].split("\r\n\r\n")[0])
            record = self.todoku.run("dkim", "list", "--format", "json").json()[0]["record"]
            self.assertTrue(dkim.verify((mail["content"] + "\r\n").encode(), dnsfunc=lambda _name, **_: record.encode()))
        with smtplib.SMTP_SSL("mail.origin.test", 465, context=ssl.create_default_context(cafile=str(self.authority.certificate))) as client:
            client.login("shop", self.secret)
            client.sendmail("shop@origin.test", ["other@one.sunk.test"], self.mail("Over 465").as_bytes())
        self.sent(3)
        values = dict(line.rsplit(" ", 1) for line in daemon.ask("/metrics")[2].splitlines() if not line.startswith("#"))
        self.assertEqual(float(values['todoku_submissions_total{result="accepted"}']), 2)
        self.assertEqual(daemon.stop(), 0)

    def test_goes_before_bulk(self):
        readers = [{"email": f"reader{number}@bulk.sunk.test", "name": "読者"} for number in range(3000)]
        self.todoku.import_contacts(readers, list_name="all")
        self.todoku.create_campaign("one", list_name="all", template=case.write_template(self.here, TEMPLATE))
        self.todoku.set(**{"delivery.connections": 1})
        self.serve()
        self.todoku.run("campaign", "send", "one", "--no-wait")
        self.sent(50)
        with self.client() as client:
            client.sendmail("shop@origin.test", ["urgent@bulk.sunk.test"], self.mail().as_bytes())
        begun, before = time.monotonic(), len(self.sink.mails())
        self.wait_until(lambda: any(mail["to"] == ["urgent@bulk.sunk.test"] for mail in self.sink.mails()), "it is sent", timeout=60)
        place = [mail["to"][0] for mail in self.sink.mails()].index("urgent@bulk.sunk.test")
        print(f"sent {time.monotonic() - begun:.2f} s after it was taken, {place - before} bulk mails later, {3000 - place} bulk mails waiting")
        self.assertLess(place, 2900)

    def test_a_killed_daemon_loses_nothing_it_has_taken(self):
        daemon = self.serve()
        taken = []
        for number in range(60):
            address = f"reader{number}@site{number % 3}.sunk.test"
            try:
                with self.client() as client:
                    client.sendmail("shop@origin.test", [address], self.mail(str(number)).as_bytes())
                taken.append(address)
            except (OSError, smtplib.SMTPException):
                pass
            if number in (20, 40):
                daemon.process.kill()
                daemon.process.wait()
                daemon = self.serve()
        self.assertGreaterEqual(len(taken), 58)
        self.wait_until(lambda: set(taken) <= {mail["to"][0] for mail in self.sink.mails()}, "all are sent", timeout=60)
        times = [mail["to"][0] for mail in self.sink.mails()]
        lost = sum(event.get("how") == "lost" for event in self.sink.events())
        self.assertLessEqual(len(times) - len(set(times)), lost)

    def test_stopped_addresses_are_refused_and_bounces_understood(self):
        self.serve()
        with self.client() as client:
            client.sendmail("shop@origin.test", ["gone@one.sunk.test"], self.mail().as_bytes())
        path = self.sent(1)[0]["from"]
        with smtplib.SMTP(names.ORIGIN, 25, local_hostname="mx.sunk.test") as client:
            client.sendmail("", [path], bounce(path, "gone@one.sunk.test"))
        contact = self.todoku.run("contacts", "show", "gone@one.sunk.test", "--format", "json").json()
        self.assertEqual(contact["state"], "stopped")
        with self.client() as client:
            client.mail("shop@origin.test")
            code, text = client.rcpt("Gone@one.sunk.test")
            self.assertEqual((code, text[:5]), (550, b"5.7.1"))
            self.assertEqual(client.rcpt("living@one.sunk.test")[0], 250)

    def test_keeps_to_the_keys_limits(self):
        secret = self.create_key("small", "--domain", "origin.test", "--per-minute", "3", "--per-hour", "100")
        self.serve()
        with self.client("small", secret) as client:
            client.mail("shop@origin.test")
            codes = [client.rcpt(f"reader{number}@one.sunk.test")[0] for number in range(5)]
        self.assertEqual(codes, [250, 250, 250, 451, 451])
        listed = self.todoku.run("key", "list", "--format", "json").json()
        self.assertEqual([key["name"] for key in listed], ["shop", "small"])
        self.assertNotIn(secret, self.todoku.run("key", "list").output)
        self.assertNotIn(secret.encode(), pathlib.Path(self.todoku.data, "todoku.db").read_bytes())

    def test_wants_a_certificate(self):
        self.todoku.set(**{"submission.tls_certificate": "", "submission.tls_key": ""})
        self.assertIn("TLS", self.todoku.run("serve", fails=True).errors)


if __name__ == "__main__":
    case.main()
