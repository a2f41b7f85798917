"""`todoku serve`: campaigns that other commands start, pause, resume and cancel; draining, killing, reloading, health."""

import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time
import unittest

from lab import case, names
from lab.daemon import ADDRESS, Daemon
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 3_000
PACE = 1_000  # mails a second, so that a campaign lasts for what happens during it
TEMPLATE = {"subject.txt": "{{ contact.name }} 様\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class ServeTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.sink = self.start_here(Sink(self.here, names.SINK, pace=PACE))
        self.todoku = Todoku(self.here, **{"log.level": "info"})
        self.addresses = [f"reader{number}@site{number % 4}.sunk.test" for number in range(READERS)]
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.addresses], list_name="all")
        self.template = case.write_template(self.here, TEMPLATE)
        self.create("one")

    def create(self, name):
        self.todoku.create_campaign(name, list_name="all", template=self.template)

    def serve(self, *arguments):
        return self.start_here(Daemon(self.todoku, *arguments))

    def hand_over(self, name, verb="send"):
        self.todoku.run("campaign", verb, name, "--no-wait")

    def state(self, name):
        return self.todoku.status(name)["state"]

    def wait_for_mails(self, wanted):
        self.wait_until(lambda: len(self.sink.mails()) >= wanted, f"{wanted} mails", timeout=60)

    def check_everybody_was_served_once(self, name="one", times=1):
        self.wait_until(lambda: self.state(name) == "finished", f"{name} is finished", timeout=60)
        self.assertEqual(sorted(address for mail in self.sink.mails() for address in mail["to"]), sorted(self.addresses * times))

    def log(self):
        return (self.here / "todoku.log").read_text(errors="replace")

    def test_takes_what_other_commands_start(self):
        self.serve()
        begun = time.monotonic()
        self.hand_over("one")
        handed_over = time.monotonic()
        self.wait_for_mails(1)
        print(f"first mail {time.monotonic() - begun:.2f} s after the command began, {time.monotonic() - handed_over:.2f} s after its end")
        self.assertLess(time.monotonic() - handed_over, 1)
        self.check_everybody_was_served_once()
        self.create("two")
        watched = self.todoku.run("campaign", "send", "two")  # waits until it is over
        self.assertIn("Ctrl-C", watched.errors)
        self.assertEqual(self.state("two"), "finished")
        self.check_everybody_was_served_once("two", times=2)

    def test_metrics(self):
        daemon = self.serve()
        self.hand_over("one")
        self.check_everybody_was_served_once()
        time.sleep(5)  # so long the reading of the queue is kept
        status, fields, text = daemon.ask("/metrics")
        self.assertEqual((status, fields["Content-Type"]), (200, "text/plain; version=0.0.4; charset=utf-8"))
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        self.assertEqual(float(values['todoku_outcomes_total{provider="other",result="delivered",effect="none",reason=""}']), READERS)
        self.assertGreaterEqual(float(values['todoku_mail_seconds_count{provider="other"}']), READERS)
        self.assertGreater(float(values['todoku_session_tls_total{version="none",trusted="no",resumed="no"}']), 0)
        self.assertEqual(float(values['todoku_campaigns{state="finished"}']), 1)
        self.assertEqual([name for name in values if name.startswith("todoku_queue_recipients")], [])
        self.assertTrue(any(name.startswith('todoku_dns_lookups_total{type="mx"') for name in values))
        self.assertEqual(daemon.ask("/metrics", Via="1.1 proxy")[0], 403)

    def test_unsubscribe(self):
        self.assertEqual(self.contact(self.addresses[0])["events"], [])
        daemon = self.serve()
        self.hand_over("one")
        self.check_everybody_was_served_once()
        by_address = {mail["to"][0]: mail["unsubscribe"] for mail in self.sink.mails()}
        first, second, third = self.addresses[:3]
        paths = {address: re.search(r"<https://news\.origin\.test(/u/[a-z2-7]+)>", by_address[address]).group(1) for address in (first, second, third)}

        status, fields, page = daemon.ask(paths[first], Accept_Language="ja")
        self.assertEqual(status, 200)
        self.assertIn("配信を停止する", page)
        self.assertIn('<form method="post">', page)
        self.assertNotIn(first, page)
        self.assertIn("form-action 'self'", fields["Content-Security-Policy"])
        self.assertIn("Stop sending mail to", daemon.ask(paths[first], Accept_Language="en-GB,en;q=0.9,ja;q=0.1")[2])
        daemon.ask(paths[first], method="HEAD")
        self.assertEqual(self.contact(first)["state"], "active", "a GET changes nothing")

        form = {"Content_Type": "application/x-www-form-urlencoded"}
        self.assertEqual(daemon.ask(paths[first], "POST", "List-Unsubscribe=One-Click", **form)[0], 200)
        self.assertEqual(daemon.ask(paths[second], "POST", "", Accept_Language="en")[0], 200)
        self.assertEqual(daemon.ask(paths[first], "POST", "List-Unsubscribe=One-Click", **form)[0], 200)
        for address, cause in ((first, "one_click"), (second, "page")):
            contact = self.contact(address)
            self.assertEqual((contact["state"], contact["suppression"]["reason"]), ("unsubscribed", "unsubscribed"))
            self.assertEqual([(event["kind"], event["cause"], event["campaign"]) for event in contact["events"]], [("unsubscribed", cause, 1)])
        self.assertIn("すでに停止", daemon.ask(paths[first])[2])

        for wrong in (paths[third][:-1], paths[third] + "a", "/u/" + "a" * 26, "/u/%00", "/u/"):
            self.assertIn(daemon.ask(wrong, "POST", "List-Unsubscribe=One-Click", **form)[0], (400, 404))
        self.assertEqual(self.contact(third)["state"], "active")
        self.create("two")
        self.todoku.send("two")
        self.assertEqual(len(self.sink.mails()), 2 * READERS - 2)

    def contact(self, address):
        return self.todoku.run("contacts", "show", address, "--format", "json").json()

    def test_pause_resume_and_cancel(self):
        daemon = self.serve()
        self.hand_over("one")
        self.wait_for_mails(200)
        self.todoku.run("campaign", "pause", "one")
        paused = time.monotonic()
        time.sleep(2)
        at_pause = len(self.sink.mails())
        self.assertLess(at_pause, READERS)
        print(f"the last mail came {self.sink.mails()[-1]['at'] - paused:.2f} s after the command to pause had ended")
        self.assertLess(self.sink.mails()[-1]["at"] - paused, 1)
        status = self.todoku.status("one")
        self.assertEqual((status["state"], status["delivered"]), ("paused", at_pause))
        self.hand_over("one", "resume")
        resumed = time.monotonic()
        self.wait_for_mails(at_pause + 200)
        print(f"the next came {self.sink.mails()[at_pause]['at'] - resumed:.2f} s after the command to resume")
        self.assertLess(self.sink.mails()[at_pause]["at"] - resumed, 1)
        self.todoku.run("campaign", "cancel", "one")
        cancelled = time.monotonic()
        self.wait_until(lambda: self.todoku.status("one")["waiting"] == 0, "nobody waits")
        time.sleep(1)
        self.assertLess(self.sink.mails()[-1]["at"] - cancelled, 1)
        status = self.todoku.status("one")
        self.assertEqual(status["state"], "cancelled")
        self.assertEqual(status["delivered"] + status["cancelled"], READERS)
        self.assertEqual(status["delivered"], len(self.sink.mails()))
        self.assertEqual(daemon.stop(), 0)

    def test_a_small_campaign_does_not_wait_for_a_large_one(self):
        for name, count in (("large", 6_000), ("small", 20)):
            rows = [{"email": f"{name}{number}@one.sunk.test", "name": "読者"} for number in range(count)]
            self.todoku.import_contacts(rows, list_name=name)
            self.todoku.create_campaign(name, list_name=name, template=self.template)
        self.todoku.set(**{"delivery.connections": 1})
        self.serve()
        self.hand_over("large")
        self.wait_for_mails(100)
        self.hand_over("small")
        begun = time.monotonic()
        before = len(self.sink.mails())
        small = lambda: [place for place, mail in enumerate(self.sink.mails()) if mail["to"][0].startswith("small")]
        self.wait_until(lambda: len(small()) == 20, "the small one is sent", timeout=60)
        print(f"sent {time.monotonic() - begun:.2f} s after it was started, {small()[-1] - before} mails later, {6_000 - small()[0]} of the large one waiting")
        self.assertLess(small()[-1], 3_500)

    def test_drains_at_sigterm_and_goes_on(self):
        daemon = self.serve()
        self.hand_over("one")
        self.wait_for_mails(200)
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(len(self.sink.mails()), READERS)
        status = self.todoku.status("one")
        self.assertEqual((status["state"], status["delivered"]), ("sending", len(self.sink.mails())))
        self.serve()
        self.check_everybody_was_served_once()

    def test_kill_and_start_again(self):
        daemon = self.serve()
        self.hand_over("one")
        for wanted in (300, 900, 1500):
            self.wait_for_mails(wanted)
            daemon.process.kill()
            daemon.process.wait()
            daemon = self.serve()
        self.wait_until(lambda: self.state("one") == "finished", "finished", timeout=60)
        times = [address for mail in self.sink.mails() for address in mail["to"]]
        self.assertEqual(set(times), set(self.addresses))
        lost = sum(event.get("how") == "lost" for event in self.sink.events())
        self.assertLessEqual(len(times) - READERS, lost)

    def test_second_signal_ends_at_once(self):
        silent = socket.create_server((names.SINK, 2525))
        self.addCleanup(silent.close)
        self.todoku.set(**{"smtp.port": 2525, "smtp.timeout_greeting": "5m"})
        daemon = self.serve()
        self.hand_over("one")
        silent.settimeout(20)
        connection, _ = silent.accept()
        self.addCleanup(connection.close)
        daemon.signal(signal.SIGTERM)
        time.sleep(1)
        self.assertIsNone(daemon.process.poll(), "waits for the server that says nothing")
        daemon.signal(signal.SIGTERM)
        begun = time.monotonic()
        self.assertEqual(daemon.process.wait(15), 0)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertEqual(self.todoku.status("one")["waiting"], READERS)

    def test_reload(self):
        config = pathlib.Path(self.todoku.data, "todoku.toml")
        daemon = self.serve()
        self.hand_over("one")
        self.wait_for_mails(100)
        config.write_text('[http]\ntoken = "abc"\nlisten = "127.0.0.1:9999"\n')
        daemon.signal(signal.SIGHUP)
        self.wait_until(lambda: "event=delivery_renewed" in self.log(), "delivery is renewed")
        self.assertIn("event=restart_needed setting=http.listen", self.log())
        config.write_text("no TOML")
        daemon.signal(signal.SIGHUP)
        self.wait_until(lambda: daemon.ask("/health")[0] == 503, "the fault is seen")
        status, health = daemon.ask_json("/health")
        self.assertEqual((status, health["ready"], list(health["reasons"])), (503, False, ["settings"]))
        self.assertEqual(daemon.ask_json("/health/live"), (200, {"live": True}))
        status, health = daemon.ask_json("/health", X_Forwarded_For="192.0.2.1")
        self.assertNotIn("reasons", health)
        status, health = daemon.ask_json("/health", X_Forwarded_For="192.0.2.1", Authorization="Bearer abc")
        self.assertIn("reasons", health)
        config.write_text("")
        daemon.signal(signal.SIGHUP)
        self.wait_until(lambda: daemon.ask("/health")[0] == 200, "ready again")
        self.check_everybody_was_served_once()

    def test_https_takes_a_renewed_certificate(self):
        chain, key = self.here / "chain.pem", self.here / "key.pem"

        def renew():
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=news.origin.test",
                            "-keyout", key, "-out", chain], check=True, capture_output=True)
            return ssl.PEM_cert_to_DER_cert(chain.read_text())

        self.todoku.set(**{"http.tls_certificate": chain, "http.tls_key": key})
        self.assertIn("chain.pem", self.todoku.run("serve", "--roles", "web", fails=True).errors)
        first = renew()
        daemon = self.serve("--roles", "web")
        self.assertEqual(daemon.certificate(), first)
        second = renew()
        daemon.signal(signal.SIGHUP)
        self.wait_until(lambda: daemon.certificate() == second, "the new certificate is shown")
        key.write_text("no key")
        daemon.signal(signal.SIGHUP)
        self.wait_until(lambda: "event=reload_failed" in self.log(), "the fault is logged")
        with self.assertRaises(AssertionError):
            daemon.certificate()  # 503: not ready, and /health says why
        self.assertEqual(daemon.stop(), 0)

    def test_refuses_what_cannot_be(self):
        self.serve()
        second = self.todoku.run("serve", fails=True)
        self.assertNotEqual(second.status, 0)
        self.assertIn("pid", second.errors)
        self.assertEqual(self.todoku.run("serve", "--roles", "cook", fails=True).status, 2)
        taken = self.todoku.run("serve", "--roles", "web", fails=True)
        self.assertNotEqual(taken.status, 0)
        self.assertIn("address", taken.errors.lower())

    def test_tells_the_service_manager(self):
        path = self.here / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(20)
            self.todoku._environment["NOTIFY_SOCKET"] = str(path)
            daemon = self.serve()
            heard = {manager.recv(100)}
            while b"WATCHDOG=1" not in heard:
                heard.add(manager.recv(100))
            self.assertIn(b"READY=1", heard)
            daemon.signal(signal.SIGHUP)
            while not any(message.startswith(b"RELOADING=1\nMONOTONIC_USEC=") for message in heard):
                heard.add(manager.recv(100))
            self.assertEqual(daemon.stop(), 0)
            while b"STOPPING=1" not in heard:
                heard.add(manager.recv(100))

    def test_idle_connections_do_not_hold_up_the_end(self):
        daemon = self.serve("--roles", "web")
        idle = socket.create_connection(ADDRESS)
        self.addCleanup(idle.close)
        begun = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - begun, 5)


if __name__ == "__main__":
    case.main()
