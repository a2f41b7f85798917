"""kill -9 of `todoku campaign send` at 20 random moments of a 5,000-mail campaign, then on to the end: nobody is missed, and at
most one mail is repeated for each connection that a kill cut."""

import collections
import random
import time
import unittest

from lab import case, names
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 5_000
KILLS = 20
SEED = 20_260_401
SITES = 8

TEMPLATE = {"subject.txt": "{{ contact.name }} 様へ お知らせ\n", "body.txt": "{{ contact.name }} 様\n\nこんにちは。\n{{ unsubscribe_url }}\n"}


class KillTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))
        cls.todoku = Todoku(cls.folder)

    def test_nobody_missed_and_hardly_anyone_twice(self):
        addresses = [f"reader{number}@site{number % SITES}.sunk.test" for number in range(READERS)]
        self.todoku.import_contacts([{"email": address, "name": f"読者{number}"} for number, address in enumerate(addresses)],
                                    list_name="everybody")
        self.todoku.create_campaign("long", list_name="everybody", template=case.write_template(self.folder, TEMPLATE))
        chance = random.Random(SEED)
        for number in range(KILLS):
            self.assertTrue(self.send_and_kill(chance), f"the campaign was over before kill {number + 1}")
        self.todoku.send("long")

        events = self.sink.events()
        times = collections.Counter(address for event in events if event["event"] == "mail" for address in event["to"])
        lost = sum(event.get("how") == "lost" for event in events) - 1  # one is the lab's own look at the port
        repeated = sum(count - 1 for count in times.values())
        print(f"{KILLS} kills cut {lost} open connections; {repeated} mails repeated", flush=True)
        self.assertEqual(set(addresses) - set(times), set(), "missed")
        self.assertEqual(set(times) - set(addresses), set(), "sent to nobody's address")
        self.assertLessEqual(repeated, lost)
        self.assertGreater(lost, 0, "no kill ever cut a connection: the moments were badly chosen")
        self.check_repeats_are_the_same_mail(events)
        self.check_only_the_mail_in_doubt_was_repeated(events)
        status = self.todoku.status("long")
        self.assertEqual((status["state"], status["delivered"], status["failed"], status["waiting"], status["deferred"]),
                         ("finished", READERS, 0, 0, 0))

    def send_and_kill(self, chance):
        """Kills after a random number of further mails and a random moment more, or at a random moment of the start; whether
        it was still running."""
        before = len(self.sink.mails())
        wanted = before + chance.randrange(1, READERS // KILLS - 20) if chance.random() < 0.8 else before
        process = self.todoku.start("campaign", "send", "long")
        deadline = time.monotonic() + 30
        while wanted > before and len(self.sink.mails()) < wanted and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02 if wanted > before else 0.5))
        running = process.poll() is None
        process.kill()
        process.wait()
        self.wait_until(self.all_connections_ended, "the sink sees every connection end")
        return running

    def all_connections_ended(self):
        kinds = collections.Counter(event["event"] for event in self.sink.events())
        return kinds["open"] == kinds["close"]

    def check_only_the_mail_in_doubt_was_repeated(self, events):
        """Who got a mail again had got the first one as the last of a connection that was cut."""
        last_of_cut = {}
        for event in events:
            if event["event"] == "mail":
                last_of_cut[event["connection"]] = event["to"][0]
            elif event["event"] == "close" and event["how"] == "quit":
                last_of_cut.pop(event["connection"], None)
        in_doubt = collections.Counter(last_of_cut.values())
        times = collections.Counter(event["to"][0] for event in events if event["event"] == "mail")
        self.assertEqual({address: count for address, count in times.items() if count - 1 > in_doubt[address]}, {})

    def check_repeats_are_the_same_mail(self, events):
        ids = collections.defaultdict(set)
        for event in events:
            if event["event"] == "mail":
                ids[event["to"][0]].add(event["message_id"])
        self.assertEqual([address for address, found in ids.items() if len(found) > 1], [], "repeated under another Message-ID")
        self.assertEqual(len(set.union(*ids.values())), READERS)


if __name__ == "__main__":
    case.main()
