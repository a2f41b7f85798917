"""Receiving servers that misbehave on purpose: the campaign ends with an outcome for everybody, in bounded time and memory,
and the readers elsewhere are served."""

import unittest

from lab import case, names
from lab.hostile import Hostile
from lab.sink import Sink
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
EACH = 3
GOOD = 20
LIMITS = {"smtp.timeout_connect": "1s", "smtp.timeout_greeting": "2s", "smtp.timeout_command": "2s", "smtp.timeout_data": "2s",
          "smtp.timeout_session": "4s", "delivery.connections_per_site": "2"}


class HostileTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.start(Hostile(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))
        cls.todoku = Todoku(cls.folder, **LIMITS)

    def test_campaign_ends(self):
        victims = [f"reader{number}@{name}.test" for name in names.HOSTILE for number in range(EACH)]
        good = [f"reader{number}@good.sunk.test" for number in range(GOOD)]
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in victims + good], list_name="everybody")
        self.todoku.create_campaign("one", list_name="everybody", template=case.write_template(self.folder, TEMPLATE))

        sent = self.todoku.send("one", timeout=90)

        print(f"hostile peers: {sent.seconds:.1f} s, {sent.memory >> 20} MB", flush=True)
        self.assertLess(sent.seconds, 60)
        self.assertLess(sent.memory, 400 << 20)
        status = self.todoku.status("one")
        self.assertEqual(status["state"], "finished")
        self.assertEqual(status["delivered"], GOOD)
        self.assertEqual(status["failed"], len(victims), status)
        self.assertEqual(sorted(address for mail in self.sink.mails() for address in mail["to"]), sorted(good))
        self.assertNotIn("unknown", [cause["reason"] for cause in status["causes"]])


if __name__ == "__main__":
    case.main()
