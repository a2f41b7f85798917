"""Faults of the receivers and of the name service in the middle of a campaign: everybody gets a final outcome, who was not
refused gets the mail, and it comes twice only where its answer was lost."""

import collections
import threading
import time
import unittest

from lab import case, names
from lab.faulty import FAULTS, Faulty
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 20_000
TIMES = 2  # each fault
SITES = 50
DNS_SITES = 6_000  # more than can be looked up in advance, however late the name server dies
DNS_DEAD = 8  # seconds

TEMPLATE = {"subject.txt": "{{ contact.name }} 様へ お知らせ\n", "body.txt": "{{ contact.name }} 様\n\nこんにちは。\n{{ unsubscribe_url }}\n"}
PATIENT = {"delivery.expire": "2h", "delivery.retry_first": "1s", "delivery.retry_longest": "1s", "smtp.timeout_connect": "2s",
           "smtp.timeout_greeting": "2s", "smtp.timeout_command": "1s", "smtp.timeout_data": "1s"}


class FaultsTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.name_server = names.Nsd(cls.folder)
        cls.start(cls.name_server)

    def campaign(self, addresses, **settings):
        folder = self.folder / self._testMethodName
        folder.mkdir()
        self.todoku = Todoku(folder, **{**PATIENT, **settings})
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in addresses], list_name="everybody")
        self.todoku.create_campaign("one", list_name="everybody", template=case.write_template(folder, TEMPLATE))

    def times(self, sink):
        return collections.Counter(address for mail in sink.mails() for address in mail["to"])

    def test_a_fault_at_every_state(self):
        faulty = self.start_here(Faulty(self.folder, names.SINK, TIMES))
        addresses = [f"reader{number}@site{number % SITES}.sunk.test" for number in range(READERS)]
        self.campaign(addresses)
        sent = self.todoku.send("one", timeout=280)

        faults = faulty.faults()
        had = collections.Counter((fault["state"], fault["kind"]) for fault in faults)
        times = self.times(faulty)
        doubted = had[("after", "close")] + had[("after", "stall")]
        repeated = sum(count - 1 for count in times.values())
        print(f"{len(faults)} faults in {sent.seconds:.1f} s; {repeated} mails repeated, {doubted} answers lost", flush=True)
        self.assertEqual({fault for fault in FAULTS if had[fault] < TIMES}, set(), "faults not had")
        status = self.todoku.status("one")
        self.assertEqual((status["state"], status["waiting"], status["deferred"]), ("finished", 0, 0))
        missed = set(addresses) - set(times)
        refused = sum(had[(state, "permanent")] for state in ("mail", "rcpt", "data", "end"))
        self.assertEqual((len(missed), status["failed"]), (refused, refused), "who was refused for good, and nobody else")
        self.assertLessEqual(repeated, doubted)

    def test_name_service_dead_for_a_while(self):
        sink = self.start_here(Sink(self.folder, names.SINK))
        addresses = [f"reader@site{number}.sunk.test" for number in range(DNS_SITES)]
        self.campaign(addresses, **{"dns.timeout": "1s"})
        killer = threading.Thread(target=self.kill_names, args=(sink,))
        killer.start()
        sent = self.todoku.send("one", timeout=200)
        killer.join()

        times = self.times(sink)
        print(f"names dead for {DNS_DEAD} s: {sent.seconds:.1f} s", flush=True)
        self.assertEqual(set(addresses) - set(times), set(), "missed")
        self.assertEqual(max(times.values()), 1, "repeated")
        self.assertGreater(sent.seconds, DNS_DEAD)
        self.assertEqual(self.todoku.status("one")["delivered"], DNS_SITES)

    def kill_names(self, sink):
        while len(sink.mails()) < DNS_SITES // 10:
            time.sleep(0.01)
        self.name_server.stop()
        time.sleep(DNS_DEAD)
        self.name_server.start()


if __name__ == "__main__":
    case.main()
