"""What an error calls for, done: addresses corrected and mails sent again, to real Postfix, Dovecot and Exim; members and
the operator's systems told."""

import hashlib
import hmac
import json
import re
import shutil
import signal
import smtplib
import time
import urllib.parse

from lab import case, maildir, names, page, readers
from lab.daemon import Daemon
from lab.hook import Hook
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
READERS = ["aoi@postifx.test", "aoki@exim.test", "full@postfix.test", "ren@postfix.test"]


class RemedyTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.postfix, cls.dovecot = readers.start_postfix(
            cls, {"aoi@postfix.test": None, "ren@postfix.test": None, "full@postfix.test": 1})
        cls.exim = readers.start_exim(cls, {"exim.test": ["aoi"]})

    def setUp(self):
        for address in ("aoi@postfix.test", "ren@postfix.test", "full@postfix.test"):
            shutil.rmtree(self.dovecot.maildir(address), ignore_errors=True)
        shutil.rmtree(self.exim.maildir("aoi@exim.test"), ignore_errors=True)
        self.set_quota("bytes=1", "552")
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.todoku = Todoku(self.here)
        self.todoku.import_contacts([{"email": address, "name": "佐藤"} for address in READERS], list_name="all")
        self.todoku.create_campaign("autumn", list_name="all", template=case.write_template(self.here, TEMPLATE))

    def remedy(self, *arguments, **how):
        return self.todoku.run("remedy", *arguments, "--format", "json", **how).json()

    def mails(self, address, system):
        return maildir.files(system.maildir(address))

    def causes(self):
        return {cause["reason"]: cause["failed"] for cause in self.todoku.status("autumn")["causes"]}

    def test_correct_and_resend(self):
        self.todoku.send("autumn")
        self.assertEqual(self.causes(), {"host_unknown": 1, "user_unknown": 1, "mailbox_full": 1})
        self.assertEqual(self.remedy("suggest", "aoi@gmial.com"), ["aoi@gmail.com"])

        done = self.remedy("correct", "aoi@postifx.test", "aoi@postfix.test")
        self.assertEqual((done["released"], done["sent_again"]), (["host_unknown"], True), done)
        done = self.remedy("correct", "aoki@exim.test", "aoi@exim.test")
        self.assertEqual((done["released"], done["sent_again"]), (["user_unknown"], True), done)
        taken = self.todoku.run("remedy", "correct", "full@postfix.test", "ren@postfix.test", fails=True)
        self.assertEqual(taken.status, 2)
        self.assertIn("another contact has this address", taken.errors)

        plan = self.remedy("resend", "autumn", "--reason", "mailbox_full", "--dry-run")
        self.assertEqual((plan["again"], plan["waiting"]), (1, 0), plan)
        self.clear_mailbox()
        plan = self.remedy("resend", "autumn", "--reason", "mailbox_full", "--site", "postfix.test")
        self.assertEqual(plan["again"], 1, plan)
        plan = self.remedy("resend", "autumn", "--reason", "mailbox_full")
        self.assertEqual((plan["again"], plan["waiting"]), (0, 1), plan)

        self.todoku.send("autumn")
        for address, system in (("aoi@postfix.test", self.dovecot), ("full@postfix.test", self.dovecot),
                                ("ren@postfix.test", self.dovecot), ("aoi@exim.test", self.exim)):
            self.wait_until(lambda: self.mails(address, system), f"a mail for {address}")
            self.assertEqual(len(self.mails(address, system)), 1, address)
        status = self.todoku.status("autumn")
        self.assertEqual((status["state"], status["delivered"], status["failed"], status["total"]), ("finished", 4, 3, 7))
        self.assertEqual([(one["cause"], one["delivered"], one["waiting"]) for one in status["resends"]],
                         [("corrected", 1, 0), ("corrected", 1, 0), ("mailbox_full", 1, 0)])
        plan = self.remedy("resend", "autumn", "--reason", "mailbox_full")
        self.assertEqual((plan["again"], plan["waiting"]), (0, 0), plan)
        contact = self.todoku.run("contacts", "show", "aoi@postfix.test", "--format", "json").json()
        self.assertEqual((contact["state"], [(event["kind"], event["cause"]) for event in contact["events"]]),
                         ("active", [("corrected", "aoi@postifx.test")]))

    def clear_mailbox(self):
        """The reader's mailbox has room again."""
        self.set_quota("bytes=1000000", "250")

    def set_quota(self, quota, answer):
        """Once it returns, Postfix answers so to the reader's address: Dovecot sees a changed file only in another second."""
        users = self.dovecot.folder / "users"
        users.write_text(re.sub(r"bytes=\d+", quota, users.read_text()))
        self.wait_until(lambda: self.answer_to("full@postfix.test") == answer, f"{quota} holds")

    def answer_to(self, address):
        with smtplib.SMTP(names.POSTFIX, 25, local_hostname="probe.test", timeout=10) as client:
            client.ehlo()
            client.mail("probe@origin.test", ["SIZE=1000"])  # as large as the real one, which an empty mailbox can be too small for
            return str(client.rcpt(address)[0])

    def serve(self):
        return self.start_here(Daemon(self.todoku))

    def test_resend_beside_the_daemon(self):
        self.serve()
        self.todoku.send("autumn")
        self.clear_mailbox()
        self.remedy("resend", "autumn", "--reason", "mailbox_full")
        self.wait_until(lambda: self.mails("full@postfix.test", self.dovecot), "the mail in its mailbox")
        self.wait_until(lambda: self.todoku.status("autumn")["state"] == "finished", "the campaign is finished again")
        self.assertEqual(len(self.mails("full@postfix.test", self.dovecot)), 1)

    def test_status_check(self):
        self.todoku.send("autumn")
        made = self.todoku.run("status-check", "key", "create", "member", "--origin", "https://member.test").output
        secret = made.split()[-1]
        daemon = self.serve()

        def signed(address, expires):
            return hmac.new(secret.encode(), f"{address}\n{expires}".encode(), hashlib.sha256).hexdigest()

        def ask(address, key="member", expires=None, signature=None, path="/status-check", **fields):
            expires = str(expires or int(time.time()) + 60)
            query = urllib.parse.urlencode({"key": key, "address": address, "expires": expires,
                                            "signature": signed(address, expires) if signature is None else signature})
            return daemon.ask(f"{path}?{query}", **fields)

        status, fields, body = ask("aoki@exim.test", Origin="https://member.test", Accept_Language="ja")
        answer = json.loads(body)
        self.assertEqual((status, answer["failing"], answer["reason"], answer["action"], answer["lang"]),
                         (200, True, "user_unknown", "correct_address", "ja"))
        self.assertIn("変更してください", answer["message"])
        self.assertEqual(fields["Access-Control-Allow-Origin"], "https://member.test")
        self.assertIn("please correct", json.loads(ask("aoi@postifx.test", Accept_Language="en")[2])["message"].lower())
        self.assertEqual(json.loads(ask("full@postfix.test")[2])["reason"], "mailbox_full")
        fine = ask("ren@postfix.test")[2]
        self.assertEqual(json.loads(fine)["failing"], False)
        self.assertEqual(fine, ask("stranger@postfix.test")[2])
        self.assertEqual(json.loads(fine).keys(), answer.keys())

        wrong = [ask("aoki@exim.test", signature="0" * 64), ask("stranger@exim.test", signature="0" * 64),
                 ask("aoki@exim.test", key="nobody"), ask("aoki@exim.test", expires=int(time.time()) - 5),
                 ask("aoki@exim.test", expires=int(time.time()) + 7200), ask("aoki@exim.test", Origin="https://evil.test"),
                 daemon.ask("/status-check")]
        self.assertEqual({(status, body) for status, _, body in wrong}, {(403, wrong[0][2])})
        self.assertFalse([fields for _, fields, _ in wrong if "Access-Control-Allow-Origin" in fields])

        status, fields, script = daemon.ask("/status-check.js")
        self.assertEqual((status, fields["Cross-Origin-Resource-Policy"]), (200, "cross-origin"))
        self.check_script(script, signed)

        self.todoku.run("status-check", "key", "revoke", "member")
        self.assertEqual(ask("aoki@exim.test")[0], 403)
        for _ in range(40):
            limited = ask("aoki@exim.test")
        self.assertEqual(limited[0], 429)

    def check_script(self, script, signed):
        """As a member site's page runs it: a notice where mail fails, nothing anywhere else."""
        expires = str(int(time.time()) + 60)

        def at(address, places=(), **more):
            data = {"key": "member", "address": address, "expires": expires, "signature": signed(address, expires), "lang": "en",
                    "target": "mail-notice", **more}
            return page.run(script, "http://127.0.0.1:8025/status-check.js", data, places)

        failing = at("full@postfix.test", ["mail-notice"])
        self.assertEqual([(notice["in"], notice["className"], notice["lang"], notice["attributes"]) for notice in failing["shown"]],
                         [("mail-notice", "todoku-notice", "en", {"role": "status"})])
        self.assertIn("full", failing["shown"][0]["textContent"])
        self.assertEqual([(event["type"], event["detail"]["reason"]) for event in failing["events"]], [("todoku-status", "mailbox_full")])
        self.assertEqual([(notice["in"], notice["before"]) for notice in at("full@postfix.test", lang="ja")["shown"]], [("body", "script")])
        fine = at("ren@postfix.test")
        self.assertEqual((fine["shown"], fine["events"][0]["detail"]["failing"]), ([], False))
        self.assertEqual(at("full@postfix.test", signature="0" * 64), {"shown": [], "events": []})
        self.assertEqual(page.run(script, "http://127.0.0.1:9/status-check.js", {}), {"shown": [], "events": []}, "nor where nobody answers")

    def settings(self, *targets):
        text = "".join("[[notify]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in target.items())
                       for target in targets)
        self.todoku.data.mkdir(exist_ok=True)
        (self.todoku.data / "todoku.toml").write_text(text)

    def outbox(self):
        return self.todoku.run("notify", "list", "--format", "json").json()

    def test_notify(self):
        hook = self.start_here(Hook(9000))
        secret = "kagi-kagi-kagi-kagi"
        self.settings({"name": "crm", "url": hook.url, "secret": secret, "allow_private": True, "first_wait": "1s"},
                      {"name": "inside", "url": "https://127.0.0.1:9000/", "secret": secret, "tries": 2, "first_wait": "1s"},
                      {"name": "named", "url": "https://sink.test/", "secret": secret, "tries": 1})
        daemon = self.serve()
        hook.status = 302
        self.todoku.send("autumn")
        self.wait_until(lambda: [one for one in self.outbox()["targets"] if "302" in one["problem"]], "a failed try")
        self.todoku.run("stops", "release", "aoki@exim.test", "--force")
        daemon.signal(signal.SIGKILL)
        daemon.process.wait()
        self.assertEqual(hook.posts, [])
        self.todoku.run("contacts", "unsubscribe", "aoki@exim.test")  # while nobody serves
        hook.status = 204
        daemon = self.serve()
        self.wait_until(lambda: len(set(hook.events())) == 4, "all notices", timeout=60)
        self.assertIn(("contact.stopped", "aoi@postifx.test"), hook.events())
        mine = [event for event, address in hook.events() if address == "aoki@exim.test"]
        self.assertEqual(list(dict.fromkeys(mine)), ["contact.stopped", "contact.released", "contact.unsubscribed"])
        for fields, body in hook.posts:
            stamp, digest = (part.split("=", 1)[1] for part in fields["Todoku-Signature"].split(","))
            self.assertEqual(digest, hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest())
            self.assertLess(abs(time.time() - int(stamp)), 60)
        stopped = next(event for event in (json.loads(body) for _, body in hook.posts) if event["type"] == "contact.stopped")
        self.assertIn(stopped["reason"], ("user_unknown", "host_unknown"))
        self.assertTrue(stopped["explanation"]["ja"]["what"])

        self.wait_until(lambda: [one for one in self.outbox()["notices"] if one["target"] == "inside" and one["state"] == "dead"],
                        "dead letters")
        problems = {one["target"]: one["problem"] for one in self.outbox()["notices"] if one["state"] == "dead"}
        self.assertEqual(problems.keys(), {"inside", "named"})
        for problem in problems.values():
            self.assertIn("not one of the internet", problem)
        text = daemon.ask("/metrics")[2]
        self.assertIn('todoku_notices_total{target="crm",result="sent"}', text)
        first = self.todoku.run("notify", "list", "--state", "dead", "--format", "json").json()["notices"][0]["id"]
        self.todoku.run("notify", "retry", first)


if __name__ == "__main__":
    case.main()
