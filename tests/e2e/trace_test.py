"""What an operator looks at before and while sending: our own names in DNS (doctor, campaign send, /health), and the conversation
with a destination (trace-smtp), by a probe of its own and in the running daemon, with passwords and tokens masked."""

import unittest

from lab import case, names, readers, watching
from lab.authority import Authority
from lab.daemon import Daemon
from lab.sink import Sink
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "x\n", "body.txt": "ひみつの本文 {{ unsubscribe_url }}\n"}
NAMED, NAMELESS, MISNAMED = "192.0.2.50", "192.0.2.51", "192.0.2.52"
ZONE = """
50.2.0.192.in-addr.arpa. PTR mail.origin.test.
52.2.0.192.in-addr.arpa. PTR host.isp.test.
host.isp.test. A 192.0.2.99
"""


class TraceTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, names.ZONE + ZONE))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))
        certificate, key = Authority(cls.folder).issue("mx.postfix.test")
        cls.postfix, _ = readers.start_postfix(cls, {"r@postfix.test": None}, domains=("postfix.test",), settings=[
            f"smtpd_tls_cert_file = {certificate}", f"smtpd_tls_key_file = {key}", "smtpd_tls_security_level = may"])
        cls.todoku = Todoku(cls.folder, **{"smtp.source_address": NAMED, "smtp.timeout_connect": "5s"})

    def doctor(self, **settings):
        other = Todoku(self.folder, **{"smtp.source_address": NAMED, **settings})
        done = other.run("doctor", "--format", "json", fails=True)
        return done.status, [name["faults"] for name in done.json()["names"]]

    def test_doctor_tells_what_receivers_see(self):
        self.assertEqual(self.doctor(), (0, [[]]))
        self.assertEqual(self.doctor(**{"smtp.source_address": NAMELESS})[1], [["no_name", "helo_elsewhere"]])
        self.assertEqual(self.doctor(**{"smtp.source_address": MISNAMED})[1], [["name_elsewhere", "helo_elsewhere"]])
        self.assertEqual(self.doctor(**{"smtp.helo": "nosuch.origin.test"}), (1, [["helo_unknown"]]))
        self.assertEqual(self.doctor(**{"smtp.helo": "localhost"}), (1, [["helo_unknown"]]))
        self.assertEqual(self.doctor(**{"smarthost.host": "smarthost.test"}), (0, []))
        text = Todoku(self.folder, **{"smtp.source_address": NAMELESS}).run("--lang", "ja", "doctor", fails=True).output
        self.assertIn("逆引き", text)

    def test_daemon_and_campaign_send_warn(self):
        folder = self.folder / "warns"
        folder.mkdir()
        other = Todoku(folder, **{"smtp.source_address": NAMELESS, "log.level": "warning"})
        other.import_contacts([{"email": "a@site1.sunk.test"}], list_name="l")
        other.create_campaign("c", list_name="l", template=case.write_template(folder, TEMPLATE))
        self.assertIn("PTR record", other.send("c").errors)
        daemon = self.start_here(Daemon(other))
        self.wait_until(lambda: "own_name" in daemon.ask_json("/health")[1].get("warnings", {}), "a warning in /health")
        status, health = daemon.ask_json("/health")
        self.assertEqual((status, health["ready"]), (200, True))
        self.assertIn(NAMELESS, health["warnings"]["own_name"])

    def test_probe_shows_the_conversation_and_sends_nothing(self):
        done = self.todoku.run("trace-smtp", "postfix.test", "--from", "news@origin.test", "--to", "r@postfix.test")
        for part in ("connecting to mx.postfix.test", "> EHLO mail.origin.test", "> STARTTLS", "* TLSv1.3", "< 250-PIPELINING",
                     "> MAIL FROM:<news@origin.test>", "> RCPT TO:<r@postfix.test>", "> RSET", "> QUIT"):
            self.assertIn(part, done.output)
        self.assertNotIn("DATA", done.output.replace("CHUNKING", ""))
        self.assertRegex(done.output, r"(?m)^ +\d+\.\d{3} < 220 ")

    def test_probe_tells_why_it_is_refused(self):
        done = self.todoku.run("trace-smtp", "postfix.test", "--from", "news@origin.test", "--to", "nobody@postfix.test", fails=True)
        self.assertEqual(done.status, 1)
        self.assertIn("user_unknown", done.output)
        done = self.todoku.run("trace-smtp", "refused.test", fails=True)
        self.assertEqual(done.status, 1)
        self.assertIn("* failed", done.output)
        self.assertEqual(self.todoku.run("trace-smtp", "nosuch.test", fails=True).status, 1)
        self.assertEqual(self.todoku.run("trace-smtp", "postfix.test", "--to", "a b", fails=True).status, 2)

    def test_watching_the_daemon(self):
        self.assertEqual(self.todoku.run("trace-smtp", "sunk.test", "--watch", fails=True).status, 1)
        self.todoku.import_contacts([{"email": f"w{number}@site{number}.sunk.test"} for number in range(3)], list_name="watched")
        self.todoku.create_campaign("watched", list_name="watched", template=case.write_template(self.folder, TEMPLATE))
        self.start_here(Daemon(self.todoku))
        socket = self.todoku.data / "watch.sock"
        self.assertEqual(socket.stat().st_mode & 0o777, 0o600)
        seen = watching.seen_of(self, self.todoku, "site1.sunk.test", "watched")
        for part in ("> RCPT TO:<w1@site1.sunk.test>", "(the mail, ", "< 250 2.0.0 Ok: taken", "bounces+***@origin.test"):
            self.assertIn(part, seen)
        for part in ("w0@", "w2@", "ひみつ", "Subject"):
            self.assertNotIn(part, seen)


if __name__ == "__main__":
    case.main()
