"""The stop policy as people set it: rules that running processes take up at once, what they would have done, the story of
each stop."""

import contextlib
import csv
import email
import email.policy
import io
import sqlite3

from lab import case, names, newsletter
from lab.daemon import Daemon
from lab.refusing import FULL, GONE, Refusing
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "{{ contact.name }} 様\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
FULL_1, FULL_2, GONE_1, WELL = (f"{name}@one.sunk.test" for name in ("full-1", "full-2", "gone-1", "well"))


class PolicyTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.peer = self.start_here(Refusing(self.here, names.SINK))
        self.todoku = Todoku(self.here, **{"log.level": "info"})
        self.peer.refuse({FULL_1: FULL, FULL_2: FULL, GONE_1: GONE})
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in (FULL_1, FULL_2, GONE_1, WELL)], list_name="all")

    def send(self, name):
        self.todoku.create_campaign(name, list_name="all", template=case.write_template(self.here, TEMPLATE, name))
        self.todoku.send(name)

    def policy(self, *arguments):
        return self.todoku.run("policy", *arguments)

    def stops(self):
        return {stop["address"]: stop for stop in self.todoku.run("stops", "list", "--format", "json").json()}

    def test_rules_hold_at_once(self):
        daemon = self.start_here(Daemon(self.todoku))
        self.send("one")
        stops = self.stops()
        self.assertEqual(set(stops), {GONE_1})
        self.assertEqual((stops[GONE_1]["rule"], stops[GONE_1]["version"]), ("hard=1", 0))
        self.policy("set", "mailbox_full=2", "--by", "Hana", "--note", "fewer mails to full mailboxes")
        self.send("two")  # by the daemon that runs since before
        stops = self.stops()
        self.assertEqual(set(stops), {GONE_1, FULL_1, FULL_2})
        self.assertEqual((stops[FULL_1]["rule"], stops[FULL_1]["version"]), ("mailbox_full=2", 1))
        self.assertEqual(daemon.stop(), 0)

    def test_story_and_export(self):
        strange = "=cmd|x@one.sunk.test"
        self.todoku.import_contacts([{"email": strange, "name": "=1+1"}], list_name="more")
        self.todoku.create_campaign("more", list_name="more", template=case.write_template(self.here, TEMPLATE, "more"))
        self.peer.refuse({FULL_1: FULL, FULL_2: FULL, GONE_1: GONE, strange: GONE})
        self.todoku.send("more")
        self.policy("set", "mailbox_full=2", "--by", "Hana")
        for name in ("one", "two"):
            self.send(name)
        story = self.todoku.run("stops", "explain", FULL_1, "--format", "json").json()
        self.assertEqual([error["campaign_name"] for error in story["errors"]], ["one", "two"])
        self.assertTrue(all(error["reply"] == FULL for error in story["errors"]), story)
        self.assertEqual([(stop["reason"], stop["rule"], stop["version"]) for stop in story["stops"]], [("mailbox_full", "mailbox_full=2", 1)])
        shown = self.todoku.run("stops", "explain", FULL_1, "--lang", "ja").output
        for words in ("エラー停止", "容量超過(受信箱): 2回続けて失敗したら停止 (第1版", "Hana", "対処法", FULL):
            self.assertIn(words, shown)
        by_id = self.todoku.run("stops", "explain", self.stops()[GONE_1]["id"], "--lang", "en").output
        self.assertIn(GONE_1, by_id)
        self.assertIn("stops at the first failure (version 1", by_id)
        refused = self.todoku.run("stops", "release", FULL_1, GONE_1, "--note", "asked by phone", fails=True)
        self.assertIn(GONE_1, refused.output)  # permanent: a second yes is needed
        self.assertEqual(set(self.stops()), {GONE_1, FULL_2, strange})
        self.assertIn("asked by phone", self.todoku.run("stops", "explain", FULL_1).output)
        self.assertEqual(self.todoku.run("stops", "explain", "nobody@one.sunk.test", fails=True).status, 2)
        self.todoku.run("stops", "export", self.here / "stops.csv")
        content = (self.here / "stops.csv").read_bytes()
        self.assertTrue(content.startswith(b"\xef\xbb\xbfemail,name,"))
        rows = {row["email"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))}
        self.assertEqual(set(rows), {GONE_1, FULL_2, "'" + strange})
        self.assertEqual((rows["'" + strange]["name"], rows[FULL_2]["rule"], rows[FULL_2]["campaign"]), ("'=1+1", "mailbox_full=2", "two"))
        only = self.todoku.run("stops", "export", "-", "--reason", "mailbox_full").output
        self.assertEqual(len(only.splitlines()), 2)
        self.assertEqual(self.todoku.run("stops", "export", self.here / "no" / "where.csv", fails=True).status, 1)

    def test_simulation(self):
        for name in ("one", "two", "three"):
            self.send(name)
        self.assertEqual(set(self.stops()), {GONE_1, FULL_1, FULL_2})
        simulate = lambda *rules: self.policy("simulate", "--format", "json", *rules).json()
        same = simulate()
        self.assertEqual((same["would_stop"], same["stopped"], same["changes"]), (3, 3, {"new": 0, "not_stopped": 0, "same": 3}))
        self.assertEqual(same["readers_with_errors"], 3)
        other = simulate("--rule", "mailbox_full=3/7d")
        self.assertEqual(other["changes"], {"new": 0, "not_stopped": 2, "same": 1})
        self.assertEqual({reader["address"] for reader in other["readers"] if reader["change"] == "not_stopped"}, {FULL_1, FULL_2})
        self.assertEqual(simulate("--rule", "mailbox_full@one.sunk.test=2", "--rule", "hard=never")["changes"],
                         {"new": 0, "not_stopped": 1, "same": 2})
        self.todoku.run("stops", "release", "--all", "--force")
        lines = self.policy("simulate", "--rule", "mailbox_full=2", "--format", "jsonl").output.splitlines()
        self.assertEqual(len(lines), 3)
        for language in ("ja", "en"):
            shown = self.policy("simulate", "--rule", "mailbox_full=9", "--lang", language).output
            self.assertIn(FULL_1, shown)
            self.assertIn("todoku policy set mailbox_full=9", shown)
        self.assertEqual(self.policy("history", "--format", "json").json(), [])  # nothing was changed
        self.assertEqual(self.todoku.run("policy", "simulate", "--rule", "blocked=1", fails=True).status, 2)

    def test_rules_are_shown_and_kept(self):
        shown = self.policy("show", "--lang", "ja").output
        self.assertIn("1回の失敗で停止", shown)
        self.policy("set", "mailbox_full=3/7d", "user_unknown@gmail=2", "expired=5/30d/keep-on-open", "--by", "Hana")
        self.assertIn("容量超過(受信箱): 3回続けて、7日以上にわたって失敗したら停止", self.policy("show", "--lang", "ja").output)
        self.assertIn("Mailbox full: stops after 3 failures in a row over at least 7 days", self.policy("show", "--lang", "en").output)
        self.policy("unset", "user_unknown@gmail")
        self.assertEqual({rule["rule"] for rule in self.policy("show", "--format", "json").json()["rules"]},
                         {"hard=1", "mailbox=3", "mailbox_full=3/7d", "expired=5/30d/keep-on-open"})
        self.policy("restore", 1, "--note", "as it was")
        history = self.policy("history", "--format", "json").json()
        self.assertEqual([(version["version"], version["author"], version["note"], len(version["rules"])) for version in history],
                         [(3, "", "as it was", 5), (2, "", "", 4), (1, "Hana", "", 5)])
        self.assertEqual(len(self.policy("show", "--version", 2, "--format", "json").json()["rules"]), 4)
        self.policy("restore", 0)
        self.assertEqual({rule["rule"] for rule in self.policy("show", "--format", "json").json()["rules"]}, {"hard=1", "mailbox=3"})
        for wrong, words in ((["set", "blocked=1"], "lies in us"), (["set", "message_too_big=2"], "lies in the mail"),
                             (["set", "rate_limited=1"], "too fast"), (["set", "mailbox_full@nobody=1"], "no provider"),
                             (["set", "full=3"], "no such cause"), (["unset", "mailbox"], "no rule"), (["restore", 9], "no version"),
                             (["show", "--version", 9], "no version"), (["set"], "required")):
            refused = self.todoku.run("policy", *wrong, fails=True)
            self.assertNotEqual(refused.status, 0, wrong)
            self.assertIn(words, refused.errors, wrong)
        self.assertEqual(len(self.policy("history", "--format", "json").json()), 4)

    def test_retest(self):
        self.todoku.set(**{"stop.retest_wait": "3s"})
        self.policy("set", "mailbox_full=1")
        self.send("one")
        self.assertEqual(set(self.stops()), {GONE_1, FULL_1, FULL_2})
        self.peer.refuse({FULL_2: FULL, GONE_1: GONE})  # one mailbox was cleared
        begun = self.todoku.run("stops", "retest", "--reason", "mailbox_full", "--format", "json").json()
        self.assertEqual((set(begun["begun"]), begun["left_out"]), ({FULL_1, FULL_2}, []))
        again = self.todoku.run("stops", "retest", FULL_1, WELL, fails=True)
        self.assertEqual(again.status, 1)
        self.assertIn("a test is under way", again.output)
        with contextlib.closing(sqlite3.connect(self.todoku.data / "todoku.db")) as db:
            self.assertEqual(db.execute("select distinct priority from batch").fetchall(), [(20,)], "before all other mail")
        daemon = self.start_here(Daemon(self.todoku))
        self.wait_until(lambda: set(self.stops()) == {GONE_1, FULL_2}, "the address that works is released", timeout=40)
        tests = [mail for mail in self.peer.mails() if mail["to"] == [FULL_1]]
        self.assertEqual(len(tests), 1)
        self.assertIn("/u/", tests[0]["unsubscribe"])
        self.assertEqual(sum(mail["to"] == [FULL_2] for mail in self.peer.mails()), 0)
        content = email.message_from_string(tests[0]["content"], policy=email.policy.default)
        text = content.get_content()
        for words in ("配信を停止しています", "This single mail finds out", "届く便り", newsletter.POSTAL_ADDRESS.splitlines()[0], "/u/"):
            self.assertIn(words, text)
        story = self.todoku.run("stops", "explain", FULL_2, "--format", "json").json()
        self.assertEqual([(test["result"], test["reply"]) for test in story["tests"]], [("failed", FULL)])
        self.assertIn("届きませんでした", self.todoku.run("stops", "explain", FULL_2, "--lang", "ja").output)
        self.assertIn("7 days", self.todoku.run("stops", "retest", FULL_2, fails=True).output)
        self.send("two")
        self.assertEqual(sum(mail["to"] == [FULL_1] for mail in self.peer.mails()), 2)
        self.assertEqual(daemon.stop(), 0)

    def a_day_later(self):
        """For the questions to DNS: all of them are due."""
        with contextlib.closing(sqlite3.connect(self.todoku.data / "todoku.db", timeout=20)) as db, db:
            db.execute("update domain_watch set next_check_at = 0")

    def domains(self):
        return {domain["domain"]: domain for domain in self.todoku.run("stops", "domains", "--format", "json").json()}

    def test_dead_domain(self):
        dead = [f"{name}@nosuchdomain.test" for name in "abc"]
        self.todoku.import_contacts([{"email": dead[0]}], list_name="first")
        self.todoku.import_contacts([{"email": address} for address in dead[1:]], list_name="others")
        self.todoku.create_campaign("one", list_name="first", template=case.write_template(self.here, TEMPLATE))
        self.todoku.send("one")
        self.assertEqual({address: stop["reason"] for address, stop in self.stops().items()}, {dead[0]: "host_unknown"})
        daemon = self.start_here(Daemon(self.todoku))
        for day in (1, 2):
            self.wait_until(lambda: self.domains().get("nosuchdomain.test", {}).get("dead_days") == day, f"DNS was asked on day {day}")
            self.assertEqual(set(self.stops()), {dead[0]})
            self.a_day_later()
        self.wait_until(lambda: set(self.stops()) == set(dead), "all of the domain are stopped")
        self.assertEqual(self.stops()[dead[2]]["rule"], "dead_domain")
        domain = self.domains()["nosuchdomain.test"]
        self.assertEqual((domain["state"], domain["stopped"], domain["mailed"]), ("dead", 3, 0))
        self.assertIn("3日続けて", self.todoku.run("stops", "domains", "--lang", "ja").output)
        # The same for one that lives, as if it had been gone until today.
        with contextlib.closing(sqlite3.connect(self.todoku.data / "todoku.db", timeout=20)) as db, db:
            db.execute("update domain_watch set domain = 'one.sunk.test', next_check_at = 0")
            db.execute("update contact set domain = 'one.sunk.test' where domain = 'nosuchdomain.test'")
        self.wait_until(lambda: self.domains()["one.sunk.test"]["state"] == "alive", "it is seen to live")
        self.assertEqual(set(self.stops()), set(dead))  # nobody is mailed by it
        self.assertIn("stops release --domain one.sunk.test --force", self.todoku.run("stops", "domains", "--lang", "en").output)
        self.todoku.run("stops", "release", "--domain", "one.sunk.test", "--force")
        self.assertEqual(self.stops(), {})
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    case.main()
