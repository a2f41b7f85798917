"""The bounce domain's MX: bounces of mails that were sent come home over SMTP, forged ones are evidence, and nothing else gets in."""

import concurrent.futures
import smtplib
import time
import unittest

from lab import case, names
from lab.authority import Authority
from lab.bounces import bounce
from lab.conversation import Conversation
from lab.daemon import Daemon
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 40
PLACE = (names.ORIGIN, 25)  # the MX of origin.test
TEMPLATE = {"subject.txt": "{{ contact.name }} 様\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class BounceListenerTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.sink = self.start_here(Sink(self.here, names.SINK))
        chain, key = Authority(self.here).issue("mail.origin.test")
        self.todoku = Todoku(self.here, **{"log.level": "info", "intake.listen": f"{names.ORIGIN}:25", "intake.tls_certificate": chain,
                                           "intake.tls_key": key})
        self.addresses = [f"reader{number}@site{number % 4}.sunk.test" for number in range(READERS)]
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.addresses], list_name="all")
        self.todoku.create_campaign("one", list_name="all", template=case.write_template(self.here, TEMPLATE))

    def serve(self):
        return self.start_here(Daemon(self.todoku))

    def sent(self):
        """The return path of each reader's mail, by address, once all were sent."""
        self.todoku.run("campaign", "send", "one", "--no-wait")
        self.wait_until(lambda: len(self.sink.mails()) == READERS, "all are sent", timeout=60)
        self.wait_until(lambda: self.todoku.status("one")["state"] == "finished", "it is finished")
        return {mail["to"][0]: mail["from"] for mail in self.sink.mails()}

    def intake(self):
        return self.todoku.run("intake", "list", "--format", "json", "--limit", "10000").json()

    def metrics(self, daemon):
        text = daemon.ask("/metrics")[2]
        return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))

    def test_bounces_come_home_and_stop_their_readers(self):
        daemon = self.serve()
        paths = self.sent()
        failing, living = self.addresses[:10], self.addresses[10:]
        with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test") as client:
            client.starttls()
            for address in failing:
                self.assertEqual(client.sendmail("", [paths[address]], bounce(paths[address], address)), {})
                self.assertEqual(client.sendmail("", [paths[address].upper()], bounce(paths[address], address)), {}, "the same again")
        entries = self.intake()
        self.assertEqual({entry["state"] for entry in entries}, {"joined"})
        stopped = {stop["address"] for stop in self.todoku.run("stops", "list", "--format", "json").json()}
        self.assertEqual(stopped, set(failing))
        self.assertTrue(living)
        self.assertGreaterEqual(float(self.metrics(daemon)['todoku_bounce_recipients_total{recipient="return_path",result="taken"}']), 20)

    def test_forged_bounces_are_a_sample_and_harmless(self):
        self.todoku.set(**{"intake.forged_per_minute": 5, "intake.mails_per_minute": 0})
        daemon = self.serve()
        paths = self.sent()
        codes = {"250": 0, "550": 0}
        forged = [f"bounces+{number:026d}@origin.test".replace("0", "a").replace("1", "b").replace("8", "c").replace("9", "d")
                  for number in range(2000)]
        with Conversation(*PLACE) as client:
            client.say("EHLO forger.test")
            client.say("MAIL FROM:<>")
            begun = time.monotonic()
            for first in range(0, len(forged), 250):
                if first:
                    client.say("RSET")
                    client.close()
                    client = Conversation(*PLACE)
                    client.say("EHLO forger.test")
                    client.say("MAIL FROM:<>")
                for address in forged[first:first + 250]:
                    codes[client.code(f"RCPT TO:<{address}>")] += 1
            print(f"{len(forged) / (time.monotonic() - begun):.0f} forged recipients a second, one by one")
        self.assertLessEqual(codes["250"], 6)
        self.assertGreaterEqual(codes["550"], len(forged) - 6)
        address = self.addresses[0]
        with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test") as client:
            client.sendmail("", [paths[address]], bounce(paths[address], address))
        self.assertEqual([entry["state"] for entry in self.intake()], ["joined"])
        values = self.metrics(daemon)
        self.assertGreater(float(values['todoku_bounce_recipients_total{recipient="forged",result="refused"}']), 1900)

    def test_a_sampled_forgery_is_read_but_counts_against_nobody(self):
        self.serve()
        address = self.addresses[0]
        with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test") as client:
            client.sendmail("", ["bounces+" + "a" * 26 + "@origin.test"], bounce("bounces@origin.test", address))
            client.sendmail("someone@elsewhere.test", ["postmaster@origin.test"], "From: someone@elsewhere.test\r\nSubject: Hello\r\n\r\nHello\r\n")
        self.assertEqual(sorted(entry["state"] for entry in self.intake()), ["foreign", "reply"])
        self.assertEqual(self.todoku.run("contacts", "show", address, "--format", "json").json()["state"], "active")

    def test_keys_are_rotated_while_it_runs(self):
        """Bounces of both keys come home; nobody has to be told."""
        self.serve()
        old = self.sent()
        self.todoku.run("token", "rotate")
        self.assertEqual([key["signs"] for key in self.todoku.run("token", "list", "--format", "json").json()], [False, True])
        self.todoku.create_campaign("two", list_name="all", template=case.write_template(self.here, TEMPLATE, "two"))
        self.wait_until(lambda: "event=delivery_renewed" in (self.here / "todoku.log").read_text(errors="replace"), "it signs by the new key")
        self.todoku.send("two")
        new = {mail["to"][0]: mail["from"] for mail in self.sink.mails() if mail["from"] not in old.values()}
        self.assertEqual(set(new), set(old))
        with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test") as client:
            for address, path in ((self.addresses[0], old[self.addresses[0]]), (self.addresses[1], new[self.addresses[1]])):
                client.sendmail("", [path], bounce(path, address))
        self.assertEqual([(entry["state"], entry["found_by"]) for entry in self.intake()], [("joined", "return_path")] * 2)
        self.assertEqual({stop["address"] for stop in self.todoku.run("stops", "list", "--format", "json").json()}, set(self.addresses[:2]))

    def test_a_mail_to_the_unsubscribe_address_unsubscribes(self):
        self.serve()
        self.sent()
        mail = self.sink.mails()[0]
        mailto = next(part for part in mail["unsubscribe"].split("<") if part.startswith("mailto:"))[7:].split(">")[0].split("?")[0]
        with smtplib.SMTP(*PLACE, local_hostname="pc.reader.test") as client:
            client.sendmail(mail["to"][0], [mailto], f"From: {mail['to'][0]}\r\nTo: {mailto}\r\nSubject: unsubscribe\r\n\r\n\r\n")
        contact = self.todoku.run("contacts", "show", mail["to"][0], "--format", "json").json()
        self.assertEqual(contact["state"], "unsubscribed")

    def test_is_hardened(self):
        self.todoku.set(**{"intake.connections_per_client": 3, "intake.largest_mail": 50_000, "intake.proxies": "192.0.2.61"})
        daemon = self.serve()
        held = [Conversation(*PLACE) for _ in range(3)]
        with Conversation(*PLACE) as fourth:
            self.assertTrue(fourth.greeting.startswith("421"), fourth.greeting)
        with Conversation(*PLACE, source="192.0.2.60") as other:
            self.assertTrue(other.greeting.startswith("220"), other.greeting)
            self.assertEqual(other.code("AUTH PLAIN AGEAYg=="), "503")
            self.assertIn("SIZE 50000", other.say("EHLO big.test"))
            self.assertEqual(other.code("MAIL FROM:<> SIZE=60000"), "552")
        for client in held:
            client.close()
        proxied = b"PROXY TCP4 203.0.113.7 192.0.2.50 4711 25\r\n"
        with Conversation(*PLACE, source="192.0.2.61", first=proxied) as client:
            client.say("EHLO behind.test")
            client.say("MAIL FROM:<>")
            self.assertEqual(client.code("RCPT TO:<bounces+aaaaaaaaaaaaaaaaaaaaaaaaaa@origin.test>"), "250")
        with Conversation(*PLACE, source="192.0.2.61", first=b"EHLO no.proxy.test\r\n", greeted=False) as client:
            self.assertEqual(client.hear(), "")
        self.wait_until(lambda: "peer=203.0.113.7" in (self.here / "todoku.log").read_text(errors="replace"), "the client's address is known")
        values = self.metrics(daemon)
        self.assertEqual(float(values['todoku_smtp_server_total{listener="intake",event="too_many_connections"}']), 1)
        self.assertEqual(float(values['todoku_smtp_server_total{listener="intake",event="proxy_broken"}']), 1)

    def test_kill_during_intake_loses_nothing(self):
        daemon = self.serve()
        paths = self.sent()
        answered = []

        def bring(address):
            while True:
                try:
                    with smtplib.SMTP(*PLACE, local_hostname="mx.sunk.test", timeout=20) as client:
                        client.sendmail("", [paths[address]], bounce(paths[address], address))
                    answered.append(address)
                    return
                except (OSError, smtplib.SMTPException):
                    time.sleep(0.05)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for address in self.addresses:
                pool.submit(bring, address)
            for wanted in (8, 20):
                self.wait_until(lambda: len(answered) >= wanted, f"{wanted} are answered")
                daemon.process.kill()
                daemon.process.wait()
                daemon = self.serve()
        self.assertEqual(len(answered), READERS)
        entries = self.intake()
        self.assertEqual(len(entries), READERS, "each once")
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    case.main()
