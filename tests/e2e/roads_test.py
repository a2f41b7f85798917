"""One campaign whose mails Postfix, Exim and Dovecot take and bounce later, for ten causes; every bounce comes home by every road:
SMTP, IMAP, POP3, Maildir, pipe. Each road has a data folder of its own, as it was when the campaign had been sent, and its daemon
is killed again and again meanwhile: nothing may be lost or counted twice, and exactly the right readers are stopped."""

import collections
import json
import os
import shutil
import sqlite3
import subprocess
import time

from lab import authority, case, late, names
from lab.dovecot import Dovecot
from lab.namespace import USERS
from lab.postfix import Postfix
from lab.server import accepts
from lab.todoku import BINARY, Todoku

READERS = 2_000
DOVECOT_DOMAIN = "dovecote.test"  # behind Postfix, by LMTP
EACH = {late.POSTFIX_DOMAIN: 20, late.EXIM_DOMAIN: 6}  # Exim starts several processes for each mail
OF_DOVECOT = {"gone": 8, "full": 12}
OF_EACH = {cause: sum(EACH.values()) + OF_DOVECOT.get(cause, 0) for cause in late.CAUSES}
LIVING = {late.EXIM_DOMAIN: 150, DOVECOT_DOMAIN: 200}
TEMPLATE = {"subject.txt": "{{ contact.name }} 様へ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
KILLS = 20

ROADS = ("smtp", "imap", "pop3", "folder", "pipe")
DAEMONS = ROADS[:-1]
LISTENER = "192.0.2.69"
MAILBOXES = "mail.dovecote.test"
MAILBOXES_ADDRESS = "192.0.2.68"
ZONE = late.ZONE + f"{DOVECOT_DOMAIN}. MX 10 mx.postfix.test.\n{MAILBOXES}. A {MAILBOXES_ADDRESS}\n"


class RoadsTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, ZONE))
        cls.start(late.MailboxHost(cls.folder))
        cls.ca = authority.Authority(cls.folder)

    def setUp(self):
        self.here = self.folder / "roads"  # short: Postfix has sockets below it
        self.here.mkdir()
        self.here.chmod(0o755)
        self.users = {f"full-{number}@{DOVECOT_DOMAIN}": 1 for number in range(OF_DOVECOT["full"])}
        self.users.update({f"reader-{number}@{DOVECOT_DOMAIN}": None for number in range(LIVING[DOVECOT_DOMAIN])})
        self.users.update({f"{road}@{DOVECOT_DOMAIN}": None for road in ("imap", "pop3")})
        self.dovecot = self.start_here(Dovecot(self.here, self.users, certificate=self.ca.issue(MAILBOXES), address=MAILBOXES_ADDRESS))
        self.processes, self.roads = {}, {}
        self.addCleanup(self.end)

    def end(self):
        for process in self.processes.values():
            process.kill()
            process.wait()

    def make_readers(self):
        self.failing = {f"{cause}-{number}@{domain}": cause
                        for domain, each in EACH.items() for cause in late.CAUSES for number in range(each)}
        self.failing.update({f"{cause}-{number}@{DOVECOT_DOMAIN}": cause for cause, each in OF_DOVECOT.items() for number in range(each)})
        living = [f"reader-{number}@{domain}" for domain, each in LIVING.items() for number in range(each)]
        living += [f"reader-{number}@{late.POSTFIX_DOMAIN}" for number in range(READERS - len(self.failing) - len(living))]
        return [*self.failing, *living]

    def send(self):
        """The campaign, all of whose mails are taken; bounces wait, since nothing listens at the bounce domain's MX."""
        self.gateway = late.postfix(self.start_here, self.here, settings=[
            f"relay_domains = {late.POSTFIX_DOMAIN}, {DOVECOT_DOMAIN}",
            f"transport_maps = inline:{{{late.POSTFIX_DOMAIN}=relay:[{late.HOST}], {DOVECOT_DOMAIN}=lmtp:unix:{self.dovecot.lmtp}}}",
            "lmtp_destination_recipient_limit = 1", "minimal_backoff_time = 1s"])
        self.exim = self.start_here(late.LateExim(self.here, routers="""
bounces:
  driver = dnslookup
  domains = origin.test
  transport = remote
"""))
        sender = Todoku(self.here / "sender", **{"log.level": "info", "delivery.expire": "60s"})
        (self.here / "sender").mkdir()
        sender.import_contacts([{"email": address, "name": "読者"} for address in self.make_readers()], list_name="all")
        sender.create_campaign("one", list_name="all", template=case.write_template(self.here, TEMPLATE))
        sender.send("one")
        status = sender.status("one")
        self.assertEqual(status["delivered"], READERS, status)
        return sender

    def open_road(self, road, sender):
        """A copy of the data folder as of now, whose intake has this road alone."""
        folder = self.here / road
        folder.mkdir()
        shutil.copytree(sender.data, folder / "data")
        settings = {"smtp": {"intake.listen": f"{LISTENER}:25", "intake.domains": "smtp.origin.test"},
                    "folder": {"intake.maildirs": str(self.maildir)}}.get(road, {})
        todoku = Todoku(folder, **{"log.level": "info", **settings})
        if road in ("imap", "pop3"):
            mailbox = {"name": road, "protocol": road, "server": MAILBOXES, "ca_file": str(self.ca.certificate), "user": f"{road}@{DOVECOT_DOMAIN}",
                       "password": Dovecot.PASSWORD, "poll": "1s"}
            (todoku.data / "todoku.toml").write_text("[[mailbox]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in mailbox.items()))
        self.roads[road] = todoku

    def begin(self, road):
        self.processes[road] = self.roads[road].start("serve", "--roles", "intake")

    def make_pipe(self):
        folder = self.here / "pipe"
        subprocess.run(["chown", "-R", "nobody", folder], check=True)
        script = folder / "pipe"
        script.write_text(f"#!/bin/sh\nexec {BINARY} --data {folder}/data intake - --sender \"$1\" --recipient \"$2\" 2>>{folder}/pipe.log\n")
        script.chmod(0o755)
        return f"todoku unix - n n - 3 pipe flags=Rq user=nobody argv={script} ${{sender}} ${{recipient}}\n"

    def start_hub(self):
        """The bounce domain's MX: gives each bounce to every road."""
        service = self.make_pipe()
        patterns = self.here / "aliases"
        patterns.write_text("/^(bounces\\+[a-z2-7]+)@origin\\.test$/ " + ", ".join(f"$1@{road}.origin.test" for road in ROADS) + "\n")
        boxes = self.here / "boxes"
        places = {"folder": self.maildir, **{road: self.dovecot.maildir(f"{road}@{DOVECOT_DOMAIN}") for road in ("imap", "pop3")}}
        self.places = places.values()
        boxes.write_text("".join(f"/@{road}\\.origin\\.test$/ {str(place).lstrip('/')}/\n" for road, place in places.items()))
        owners = self.here / "owners"
        owners.write_text(f"/@folder\\.origin\\.test$/ {USERS['vmail']}\n/./ {USERS['vmail']}\n")
        hub = Postfix(self.here, names.ORIGIN, name="hub", settings=[
            "myhostname = hub.origin.test", "relay_domains = origin.test, smtp.origin.test, pipe.origin.test", "relay_recipient_maps =",
            f"virtual_mailbox_domains = {', '.join(f'{road}.origin.test' for road in places)}", "virtual_mailbox_base = /",
            f"virtual_mailbox_maps = regexp:{boxes}", f"virtual_uid_maps = regexp:{owners}", f"virtual_gid_maps = regexp:{owners}",
            f"virtual_alias_maps = regexp:{patterns}", "smtpd_relay_restrictions = reject_unauth_destination",
            "todoku_destination_recipient_limit = 1", "minimal_backoff_time = 1s", "maximal_backoff_time = 2s",
            f"transport_maps = inline:{{smtp.origin.test=relay:[{LISTENER}], pipe.origin.test=todoku:}}"])
        master = hub.folder / "conf" / "master.cf"
        master.write_text(master.read_text() + service)
        os.utime(master, (0, 0))
        self.hub = self.start_here(hub)
        self.gateway.run_queue()
        self.exim.run_queue()

    def count(self, road):
        """Past the program, since a command for each look would take longer than the rest."""
        with sqlite3.connect(f"file:{self.roads[road].data}/todoku.db?mode=ro", uri=True, timeout=20) as db:
            return db.execute("select count(*) from intake").fetchone()[0]

    def came_by(self, road):
        if self.count(road) >= len(self.failing):
            return True
        self.hub.run_queue()
        time.sleep(0.5)
        return False

    def lying(self, place):
        return len(os.listdir(place / "new")) if (place / "new").exists() else 0

    def wait_for_hub(self):
        """Until the bounces lie where the roads begin, so that a daemon that is killed always has more to take."""
        for place in self.places:
            self.wait_until(lambda: self.lying(place) == len(self.failing), f"all bounces lie in {place}", timeout=100)

    def kill_in_the_middle(self, road):
        """As soon as it has taken some more than before; whether there was still something to take."""
        before, deadline = self.count(road), time.monotonic() + 20
        self.begin(road)
        if road == "smtp":
            self.wait_until(lambda: accepts((LISTENER, 25)), "it listens")
            self.hub.run_queue()
        while self.count(road) == before and before < len(self.failing) and time.monotonic() < deadline:
            time.sleep(0.001)
        self.processes[road].kill()
        self.processes[road].wait()
        return before < self.count(road) < len(self.failing)

    def kill_again_and_again(self):
        midway = {road: sum(self.kill_in_the_middle(road) for _ in range(KILLS // len(DAEMONS))) for road in DAEMONS}
        print(f"of {KILLS} kills these came with some bounces taken and some not: {midway}")
        self.assertTrue(all(midway.values()), midway)
        for road in DAEMONS:
            self.begin(road)

    def check(self, road):
        todoku = self.roads[road]
        entries = todoku.run("intake", "list", "--format", "json", "--limit", 10_000).json()
        self.assertEqual(len(entries), len(self.failing), road)
        wrong = collections.Counter()
        for entry in entries:
            self.assertEqual((entry["road"], entry["state"], entry["kind"], entry["found_by"]),
                             ("mailbox" if road in ("imap", "pop3") else road, "joined", "bounce", "return_path"), entry)
            found = entry["recipients"][0]
            wanted = late.CAUSES[self.failing[found["address"]]][2]
            if found["reason"] != wanted:
                wrong[wanted, found["reason"]] += 1
        self.assertFalse(wrong, road)
        self.assertEqual({entry["recipients"][0]["address"] for entry in entries}, set(self.failing), road)
        stops = {stop["address"]: stop["reason"] for stop in todoku.run("stops", "list", "--format", "json", "--limit", 100_000).json()}
        self.assertEqual(stops, {address: "user_unknown" for address, cause in self.failing.items() if cause == "gone"}, road)
        status = todoku.status("one")
        self.assertEqual((status["delivered"], status["bounced"]), (READERS, len(self.failing)), road)
        self.assertEqual({cause["reason"]: cause["bounced"] for cause in status["causes"]},
                         collections.Counter(late.CAUSES[cause][2] for cause in self.failing.values()), road)

    def test_every_bounce_by_every_road(self):
        self.maildir = self.here / "bounces"
        for name in ("new", "cur", "tmp"):
            (self.maildir / name).mkdir(parents=True)
        subprocess.run(["chown", "-R", "vmail:vmail", self.maildir], check=True)
        sender = self.send()
        for road in ROADS:
            self.open_road(road, sender)
        begun = time.monotonic()
        self.start_hub()
        self.wait_for_hub()
        self.kill_again_and_again()
        for road in ROADS:
            self.wait_until(lambda: self.came_by(road), f"all came by {road}", timeout=150)
        print(f"{len(self.failing)} bounces by {len(ROADS)} roads in {time.monotonic() - begun:.1f} s")
        for road in ROADS:
            self.check(road)
        self.assertIn(f"後から戻った {OF_EACH['gone']} 件", self.roads["folder"].run("campaign", "status", "one", "--lang", "ja").output)


if __name__ == "__main__":
    case.main()
