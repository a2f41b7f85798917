"""Everything by way of a relay that asks for a login over TLS: Postfix (with Dovecot's SASL) on port 587, Exim on port 465."""

import unittest

from lab import case, maildir, names, readers, relays
from lab.authority import Authority
from lab.dovecot import Dovecot
from lab.exim import Exim
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "{{ contact.name }} 様\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
EXIM_LOGIN = {"smarthost.user": Exim.USER, "smarthost.password": Exim.PASSWORD}
READERS = [f"reader{number}" for number in range(5)]


class SmarthostTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.authority = Authority(cls.folder)
        cls.exim = readers.start_exim(cls, {"exim.test": READERS})

    def mail(self, name, **settings):
        """The status after a campaign to READERS through the relay with `settings`."""
        folder = self.folder / name
        folder.mkdir()
        todoku = Todoku(folder, **{"smarthost.host": "smarthost.test", "smarthost.ca_file": self.authority.certificate,
                                   "smarthost.tls": "required", **settings})
        todoku.import_contacts([{"email": f"{reader}@exim.test", "name": name} for reader in READERS], list_name="everybody")
        todoku.create_campaign(name, list_name="everybody", template=case.write_template(folder, TEMPLATE))
        todoku.send(name, timeout=60)
        return todoku.status(name)

    def check_delivered(self, name, status):
        self.assertEqual((status["state"], status["delivered"]), ("finished", len(READERS)), status)
        for reader in READERS:
            folder = self.exim.maildir(f"{reader}@exim.test")
            self.wait_until(lambda: self.subjects(folder).count(f"{name} 様") == 1, f"one mail of {name} in {folder}")

    def subjects(self, folder):
        return [mail["subject"] for mail in maildir.messages(folder)]

    def exim_relay(self, **settings):
        name = "relay-" + self.id().rsplit(".", 1)[1]
        return relays.start_exim(self.start_here, self.folder, self.authority, name=name, **settings)

    def test_postfix_with_starttls(self):
        relay = relays.start_postfix(self.start_here, self.folder, self.authority)
        status = self.mail("postfix", **{"smarthost.port": 587, "smarthost.user": relays.POSTFIX_USER,
                                         "smarthost.password": Dovecot.PASSWORD})
        self.check_delivered("postfix", status)
        self.assertIn("sasl_method=", relay.log.read_text())

    def test_exim_with_tls_from_the_first_byte(self):
        relay = self.exim_relay(ports="465")
        status = self.mail("tls", **{"smarthost.port": 465, **EXIM_LOGIN})
        self.check_delivered("tls", status)
        self.assertIn("A=plain:kaiin", relay.log.read_text())

    def test_exim_that_knows_only_login(self):
        relay = self.exim_relay(ports="587", mechanisms=("login",))
        status = self.mail("login", **{"smarthost.port": 587, **EXIM_LOGIN})
        self.check_delivered("login", status)
        self.assertIn("A=login:kaiin", relay.log.read_text())

    def test_wrong_password_is_no_readers_fault(self):
        self.exim_relay(ports="587")
        status = self.mail("wrong", **{"smarthost.port": 587, **EXIM_LOGIN, "smarthost.password": "wrong"})
        self.check_our_own_fault(status)

    def test_certificate_of_a_stranger(self):
        relay = self.exim_relay(ports="587")
        stranger = Authority(self.folder / "other")
        status = self.mail("stranger", **{"smarthost.port": 587, **EXIM_LOGIN, "smarthost.ca_file": stranger.certificate})
        self.check_our_own_fault(status)
        self.assertNotIn("A=", relay.log.read_text())

    def check_our_own_fault(self, status):
        self.assertEqual(status["delivered"], 0)
        self.assertTrue(status["causes"])
        for cause in status["causes"]:
            self.assertNotEqual(cause["effect"], "hard", "a reader was blamed")
            self.assertNotIn(cause["who_acts"], ("sender_list", "recipient"), cause)


if __name__ == "__main__":
    case.main()
