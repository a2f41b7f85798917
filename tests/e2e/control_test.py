"""Pausing, going on with and cancelling a campaign from another command while it is being sent."""

import signal
import unittest

from lab import case, names
from lab.sink import Sink
from lab.todoku import Todoku

READERS = 3_000
PACE = 1_000  # mails a second, so that a campaign lasts for what happens during it
TEMPLATE = {"subject.txt": "{{ contact.name }} 様\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class ControlTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def setUp(self):
        folder = self.folder / self._testMethodName
        folder.mkdir()
        self.sink = self.start_here(Sink(folder, names.SINK, pace=PACE))
        self.todoku = Todoku(folder)
        self.addresses = [f"reader{number}@site{number % 4}.sunk.test" for number in range(READERS)]
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.addresses], list_name="all")
        self.todoku.create_campaign("one", list_name="all", template=case.write_template(folder, TEMPLATE))

    def send_until(self, wanted):
        """The process that sends, once the sink has `wanted` mails."""
        process = self.todoku.start("campaign", "send", "one")
        self.addCleanup(process.kill)
        self.wait_until(lambda: len(self.sink.mails()) >= wanted or process.poll() is not None, f"{wanted} mails", timeout=60)
        self.assertIsNone(process.poll(), "the campaign was over too early")
        return process

    def check_counts(self, status, state):
        """Everybody is counted once, and who counts as served is who the sink served."""
        self.assertEqual(status["state"], state)
        self.assertEqual(status["total"], READERS)
        self.assertEqual(sum(status[kind] for kind in ("delivered", "waiting", "deferred", "failed", "skipped", "cancelled")), READERS)
        self.assertEqual(status["delivered"], len(self.sink.mails()))

    def check_everybody_was_served_once(self):
        self.check_counts(self.todoku.status("one"), "finished")
        self.assertEqual(sorted(address for mail in self.sink.mails() for address in mail["to"]), sorted(self.addresses))

    def test_pause_and_resume(self):
        process = self.send_until(200)
        self.todoku.run("campaign", "pause", "one")
        process.wait(60)
        self.check_counts(self.todoku.status("one"), "paused")
        self.assertLess(len(self.sink.mails()), READERS)
        self.todoku.run("campaign", "resume", "one")
        self.check_everybody_was_served_once()

    def test_interrupt_and_go_on(self):
        process = self.send_until(200)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.check_counts(self.todoku.status("one"), "sending")
        self.assertLess(len(self.sink.mails()), READERS)
        self.todoku.send("one")
        self.check_everybody_was_served_once()

    def test_cancel(self):
        process = self.send_until(200)
        self.todoku.run("campaign", "cancel", "one")
        process.wait(60)
        status = self.todoku.status("one")
        self.check_counts(status, "cancelled")
        self.assertEqual((status["waiting"], status["deferred"]), (0, 0))
        self.assertGreater(status["cancelled"], 0)
        self.assertNotEqual(self.todoku.run("campaign", "resume", "one", fails=True).status, 0)
        self.check_counts(self.todoku.status("one"), "cancelled")

    def test_two_senders_at_once(self):
        process = self.send_until(100)
        second = self.todoku.run("campaign", "send", "one", fails=True)
        process.wait(120)
        self.assertNotEqual(second.status, 0, "a second sender on the same data folder is refused")
        self.assertTrue(second.errors)
        self.check_everybody_was_served_once()


if __name__ == "__main__":
    case.main()
