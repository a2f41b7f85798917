"""PostgreSQL falls over, cuts connections, or is replaced by an empty server in the middle of a campaign; two nodes share one
campaign, and one of them dies."""

import collections
import threading
import time
import unittest

from lab import case, names, postgres
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 20_000
SITES = 40
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class DatabaseTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        folder = self.folder / self._testMethodName
        folder.mkdir()
        self.own = folder
        self.sink = self.start_here(Sink(folder, names.SINK))
        self.database = self.start_here(postgres.Postgres(folder))
        self.todoku = Todoku(folder, **{"store.url": postgres.URL, "delivery.expire": "2h"})
        self.addresses = [f"reader{number}@site{number % SITES}.sunk.test" for number in range(READERS)]
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.addresses], list_name="everybody")
        self.todoku.create_campaign("one", list_name="everybody", template=case.write_template(folder, TEMPLATE))

    def after(self, mails, happens):
        """Does it in a thread of its own as soon as so many mails have come."""
        def wait_and_do():
            while len(self.sink.mails()) < mails:
                time.sleep(0.005)
            happens()
        thread = threading.Thread(target=wait_and_do)
        thread.start()
        self.addCleanup(thread.join)
        return thread

    def times(self):
        return collections.Counter(address for mail in self.sink.mails() for address in mail["to"])

    def check_everybody_got_it(self, repeats_allowed):
        times = self.times()
        repeated = sum(count - 1 for count in times.values())
        print(f"{self._testMethodName}: {repeated} mails repeated", flush=True)
        self.assertEqual(set(self.addresses) - set(times), set(), "missed")
        self.assertLessEqual(repeated, repeats_allowed)
        status = self.todoku.status("one")
        self.assertEqual((status["state"], status["delivered"]), ("finished", READERS))

    def test_falls_and_comes_back(self):
        def fall():
            self.database.fall()
            time.sleep(3)
            self.database.start()
        self.after(READERS // 5, fall)
        self.todoku.send("one", timeout=200)
        self.check_everybody_got_it(0)

    def test_cuts_its_clients_again_and_again(self):
        def cut():
            for _ in range(10):
                self.database.cut_clients()
                time.sleep(0.3)
        self.after(READERS // 10, cut)
        self.todoku.send("one", timeout=200)
        self.check_everybody_got_it(0)

    def test_an_empty_server_takes_its_place(self):
        empty = postgres.Postgres(self.own, "empty")
        def replace():
            self.database.fall()
            empty.start()
        self.after(READERS // 5, replace)
        self.addCleanup(empty.stop)
        begun = time.monotonic()
        done = self.todoku.run("campaign", "send", "one", timeout=120, fails=True)
        print(f"stopped after {time.monotonic() - begun:.1f} s: {done.errors.strip().splitlines()[-1]}", flush=True)
        self.assertNotEqual(done.status, 0)
        self.assertIn("another database", done.errors)
        self.assertEqual(max(self.times().values()), 1)
        self.assertEqual(empty.query("select count(*) from pg_tables where schemaname = 'public'"), "0", "wrote to it")
        empty.stop()
        self.database.start()
        self.todoku.send("one", timeout=200)
        self.check_everybody_got_it(200)

    def test_two_nodes_share_it_and_one_dies(self):
        nodes = [self.todoku.start("campaign", "send", "one") for _ in range(2)]
        self.wait_until(lambda: len(self.sink.mails()) > READERS // 3, "a third is sent", timeout=60)
        nodes[0].kill()
        nodes[0].wait()
        self.assertEqual(nodes[1].wait(timeout=200), 0)
        self.check_everybody_got_it(200)


if __name__ == "__main__":
    case.main()
