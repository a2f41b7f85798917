"""A receiver that refuses a campaign for what it is: the campaign is held there after a few mails, nobody is stopped, and the
others get it once the receiver takes it."""

from lab import case, names
from lab.refusing import Refusing
from lab.todoku import Todoku

READERS = 300
SPAM = "550 5.7.1 Message rejected as spam by our content filter"
TEMPLATE = {"subject.txt": "お得なお知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
SHAPING = '[shaping."sink.test"]\nblocked = "2s"\n'


class RefusedTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def test_is_held_and_goes_on(self):
        peer = self.start_here(Refusing(self.folder, names.SINK))
        todoku = Todoku(self.folder, **{"delivery.expire": "2h"})
        addresses = [f"reader{number}@site{number % 7}.sunk.test" for number in range(READERS)]
        todoku.import_contacts([{"email": address, "name": "読者"} for address in addresses], list_name="all")
        (todoku.data / "todoku.toml").write_text(SHAPING)
        todoku.create_campaign("one", list_name="all", template=case.write_template(self.folder, TEMPLATE))
        peer.refuse({address: SPAM for address in addresses})
        sending = todoku.start("campaign", "send", "one")
        log = self.folder / "todoku.log"
        self.wait_until(lambda: "event=campaign_held campaign=1 receiver=sink.test" in log.read_text(), "the campaign is held", 60)
        self.wait_until(lambda: todoku.status("one")["deferred"] > READERS // 2, "the rest waits", 60)
        shown = todoku.run("campaign", "status", "one", "--lang", "en").output
        self.assertIn("Judged to be spam", shown)
        self.assertIn("todoku campaign cancel 1", shown)
        shown = todoku.run("campaign", "status", "one", "--lang", "ja").output
        self.assertIn("待っている分は自動で送り直します", shown)
        self.assertIn("取りやめる: todoku campaign cancel 1", shown)
        self.assertEqual(len(peer.mails()), 0)

        peer.refuse({})
        self.assertEqual(sending.wait(timeout=120), 0)
        status = todoku.status("one")
        print(f"{status['failed']} of {READERS} were refused before and while it was held", flush=True)
        self.assertLess(status["failed"], 60)
        self.assertEqual((status["state"], status["delivered"]), ("finished", READERS - status["failed"]))
        self.assertIn("event=campaign_resumed campaign=1 receiver=sink.test", log.read_text())
        self.assertEqual(todoku.run("stops", "list", "--format", "json").json(), [])

        todoku.run("remedy", "resend", "one", "--reason", "spam_detected")
        todoku.send("one")
        self.assertEqual({mail["to"][0] for mail in peer.mails()}, set(addresses))
        self.assertEqual(len(peer.mails()), READERS, "nobody got it twice")


if __name__ == "__main__":
    case.main()
