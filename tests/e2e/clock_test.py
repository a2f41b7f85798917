"""The wall clock is set hours forward and back while a campaign is sent, and nodes on one PostgreSQL have clocks hours apart:
nobody is missed, nobody gets a mail twice, and nobody waits for hours."""

import collections
import threading
import time

from lab import case, names, postgres
from lab.clock import WallClock
from lab.greylisting import Greylisting
from lab.todoku import Todoku

READERS = 20_000
SHARED_READERS = 45_000  # more than one node holds in memory, so that both have some
SITES = 50
HOURS = 3 * 3600
LEASE = 5
CONNECTIONS = 20
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class ClockTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        self.own = self.folder / self._testMethodName
        self.own.mkdir()
        self.sink = self.start_here(Greylisting(self.own, names.SINK))

    def campaign(self, readers, **settings):
        self.settings = {"delivery.expire": "2h", "delivery.retry_first": "1s", "delivery.retry_longest": "1s",
                         "delivery.lease": f"{LEASE}s", "delivery.connections": CONNECTIONS, **settings}
        self.addresses = [f"reader{number}@site{number % SITES}.sunk.test" for number in range(readers)]
        self.todoku = Todoku(self.own, **self.settings)
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.addresses], list_name="everybody")
        self.todoku.create_campaign("one", list_name="everybody", template=case.write_template(self.own, TEMPLATE))

    def node(self, name, clock):
        folder = self.own / name
        folder.mkdir()
        node = Todoku(folder, **{**self.settings, "smtp.helo": f"{name}.origin.test"})
        node.use_clock(clock)
        return node.start("campaign", "send", "one")

    def jump(self, clock, jumps):
        """Sets the clock in a thread of its own, beginning at the first tenth of the mails."""
        def wait_and_jump():
            while len(self.sink.mails()) < len(self.addresses) / 10:
                time.sleep(0.01)
            for hours in jumps:
                clock.set(hours)
                time.sleep(1)
        thread = threading.Thread(target=wait_and_jump)
        thread.start()
        self.addCleanup(thread.join)

    def check(self, repeats_allowed):
        times = collections.Counter(address for mail in self.sink.mails() for address in mail["to"])
        repeated = sum(count - 1 for count in times.values())
        print(f"{self._testMethodName}: {repeated} mails repeated", flush=True)
        self.assertEqual(set(self.addresses) - set(times), set(), "missed")
        self.assertLessEqual(repeated, repeats_allowed)
        status = self.todoku.status("one")
        self.assertEqual((status["state"], status["delivered"]), ("finished", len(self.addresses)))

    def test_the_clock_jumps(self):
        self.campaign(READERS)
        clock = WallClock(self.own)
        self.todoku.use_clock(clock)
        self.jump(clock, [HOURS, -HOURS, 0, -HOURS, HOURS])
        sent = self.todoku.send("one", timeout=100)
        print(f"sent in {sent.seconds:.1f} s", flush=True)
        self.check(0)

    def test_the_databases_clock_jumps_under_two_nodes(self):
        clock = WallClock(self.own)
        self.start_here(postgres.Postgres(self.own, environment=clock.environment()))
        self.campaign(SHARED_READERS, **{"store.url": postgres.URL})
        still = WallClock(self.own, "still")
        nodes = [self.node(name, still) for name in ("one", "two")]
        self.jump(clock, [HOURS, -HOURS, 0])
        for node in nodes:
            self.assertEqual(node.wait(timeout=200), 0)
        self.check(0)

    def test_nodes_with_clocks_hours_apart(self):
        for killed in ("ahead", "true"):
            with self.subTest(killed=killed):
                self.own = self.folder / f"{killed}-killed"
                self.own.mkdir()
                self.share_and_kill(killed)

    def share_and_kill(self, killed):
        database = self.start_here(postgres.Postgres(self.own))
        before = len(self.sink.mails())
        self.campaign(SHARED_READERS, **{"store.url": postgres.URL})
        nodes = {name: self.node(name, WallClock(self.own, f"{name}.clock", ahead))
                 for name, ahead in (("ahead", HOURS), ("true", 0))}
        self.wait_until(lambda: len(self.sink.mails()) - before > SHARED_READERS // 4, "a quarter is sent", timeout=60)
        nodes[killed].kill()
        nodes[killed].wait()
        at = time.monotonic()
        other = next(name for name in nodes if name != killed)
        log = self.own / other / "todoku.log"
        self.wait_until(lambda: b"lease_ended" in log.read_bytes(), "the other takes its batches", timeout=12 * LEASE)
        taken_over = time.monotonic() - at
        self.assertEqual(nodes[other].wait(timeout=200), 0)
        mails = self.sink.mails()[before:]
        shares = collections.Counter(mail["helo"] for mail in mails)
        print(f"{killed} killed: {dict(shares)}, taken over after {taken_over:.1f} s", flush=True)
        self.assertEqual(len(shares), 2, "one node had it all")
        self.assertGreater(taken_over, LEASE / 2, "it was alive until then")
        times = collections.Counter(address for mail in mails for address in mail["to"])
        self.assertEqual(set(self.addresses) - set(times), set(), "missed")
        self.assertLessEqual(sum(count - 1 for count in times.values()), CONNECTIONS)
        self.assertEqual(self.todoku.status("one")["delivered"], SHARED_READERS)
        database.stop()


if __name__ == "__main__":
    case.main()
