"""kill -9 of `todoku remedy split` and `link` at random moments: all of it is there afterwards or nothing. Then of the daemon that
sends the parts: every reader has every part in the end, and at most one mail is repeated for each connection that a kill cut."""

import collections
import os
import random
import shutil
import sqlite3
import time

from lab import case, names
from lab.daemon import Daemon
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 600
SITES = 8
KILLS = 12
SEED = 20_261_129
FILES = {f"{name}.bin": os.urandom(size) for name, size in (("a", 20_000), ("b", 23_000), ("c", 26_000))}
SIZE_LIMIT = 52_000  # of a mail at the receiver: any of the files, but no two of them
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n",
            **{f"attachments/{name}": content for name, content in FILES.items()}}


class RemedyKillTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.sink = self.start_here(Sink(self.here, names.SINK, size_limit=SIZE_LIMIT, pace=1_000))
        self.todoku = Todoku(self.here, **{"delivery.expire": "60s"})
        self.addresses = [f"reader{number}@site{number % SITES}.sunk.test" for number in range(READERS)]
        self.todoku.import_contacts([{"email": address, "name": f"読者{number}"} for number, address in enumerate(self.addresses)],
                                    list_name="all")
        self.todoku.create_campaign("autumn", list_name="all", template=case.write_template(self.here, TEMPLATE))
        self.todoku.send("autumn")
        self.assertEqual(self.todoku.status("autumn")["failed"], READERS)
        self.assertEqual(self.sink.mails(), [])
        self.chance = random.Random(SEED)

    def campaigns(self):
        """Past the program: a command for each look would take longer than the rest."""
        with sqlite3.connect(f"file:{self.todoku.data}/todoku.db?mode=ro", uri=True, timeout=20) as db:
            rows = db.execute("select name, state, total from campaign").fetchall()
        return [dict(zip(("name", "state", "total"), row)) for row in rows]

    def remedy(self, *arguments):
        return self.todoku.run("remedy", *arguments, "--format", "json").json()

    def kill_the_command(self, *arguments, makes):
        """Each time from the same beginning; whether some were cut short and some had done it."""
        saved = self.here / "saved"
        shutil.copytree(self.todoku.data, saved)
        begun = time.monotonic()
        self.remedy(*arguments, "--dry-run")
        longest = 1.3 * (time.monotonic() - begun)
        ends = collections.Counter()
        for number in range(KILLS):
            shutil.rmtree(self.todoku.data)
            shutil.copytree(saved, self.todoku.data)
            process = self.todoku.start("remedy", *arguments)
            time.sleep(longest * (number + self.chance.random()) / KILLS)
            process.kill()
            process.wait()
            made = [campaign for campaign in self.campaigns() if campaign["name"] != "autumn"]
            self.assertIn(len(made), (0, makes), "all of it or nothing")
            self.assertTrue(all(campaign["total"] == READERS for campaign in made), made)
            again = self.remedy(*arguments)
            self.assertEqual(len(again["sent_as"]), makes - len(made), "what was done is not done again")
            self.assertEqual(self.counts(), (makes, READERS), "and what was not is done whole")
            ends[len(made)] += 1
        print(f"{' '.join(arguments)}: of {KILLS} kills {ends[0]} came before it was done, {ends[makes]} after", flush=True)
        self.assertGreater(ends[0], 0, "the moments were badly chosen")

    def counts(self):
        """(campaigns in another form, readers of each)"""
        made = [campaign for campaign in self.campaigns() if campaign["name"] != "autumn"]
        readers = {campaign["total"] for campaign in made}
        self.assertEqual(len(readers), 1, made)
        return len(made), readers.pop()

    def kill_the_sender(self, parts):
        """Then on to the end."""
        in_all, kills = READERS * parts, 4 * parts
        for number in range(kills):
            wanted = len(self.sink.mails()) + self.chance.randrange(1, in_all // kills // 2)
            daemon = Daemon(self.todoku, "--roles", "delivery,web").start()
            self.addCleanup(daemon.stop)
            deadline = time.monotonic() + 120
            while len(self.sink.mails()) < wanted and time.monotonic() < deadline:
                time.sleep(0.001)
            daemon.process.kill()
            daemon.process.wait()
            self.wait_until(self.all_connections_ended, "the sink sees every connection end", timeout=60)
        self.assertLess(len(self.sink.mails()), in_all, "killed midway")
        self.start_here(Daemon(self.todoku, "--roles", "delivery,web"))
        self.wait_until(self.is_over, "all parts are delivered", timeout=240)

    def all_connections_ended(self):
        kinds = collections.Counter(event["event"] for event in self.sink.events())
        return kinds["open"] == kinds["close"]

    def is_over(self):
        return all(campaign["state"] == "finished" for campaign in self.campaigns())

    def check(self, parts):
        events = self.sink.events()
        mails = [event for event in events if event["event"] == "mail"]
        lost = sum(event.get("how") == "lost" for event in events) - 1  # one is the lab's own look at the port
        times = collections.Counter((mail["to"][0], mail["message_id"]) for mail in mails)
        repeated = sum(count - 1 for count in times.values())
        print(f"{len(mails)} mails; the kills cut {lost} connections, {repeated} mails were repeated", flush=True)
        self.assertLessEqual(repeated, lost)
        self.assertGreater(lost, 0, "no kill ever cut a connection: the moments were badly chosen")
        each = collections.Counter(address for address, _ in times)
        self.assertEqual(each, {address: parts for address in self.addresses}, "no part is missing and none is another's")
        for row in self.todoku.status("autumn")["resends"]:
            self.assertEqual(row["delivered"], READERS, row)

    def test_split(self):
        self.kill_the_command("split", "autumn", makes=3)
        self.kill_the_sender(parts=3)
        self.check(parts=3)
        sizes = collections.defaultdict(set)
        for mail in self.sink.mails():
            sizes[mail["to"][0]].add(mail["size"] // 2_000)
        self.assertEqual({len(found) for found in sizes.values()}, {3}, "the parts have each their file")

    def test_link(self):
        self.kill_the_command("link", "autumn", makes=1)
        self.kill_the_sender(parts=1)
        self.check(parts=1)
        self.assertLess(max(mail["size"] for mail in self.sink.mails()), min(map(len, FILES.values())))


if __name__ == "__main__":
    case.main()
