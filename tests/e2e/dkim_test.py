"""Mails of signed campaigns, fetched from the receiving server, verified by OpenDKIM over DNS and by Python's dkim package; the
way of a key from its making over its record in DNS to its successor."""

import re
import subprocess
import unittest

import dkim

from lab import case, maildir, names, newsletter, readers
from lab.todoku import Todoku

READERS = 20
SIGNERS = {"origin.test": ["rsa2048"], "dual.test": ["rsa2048", "ed25519"], "modern.test": ["ed25519"]}
ALGORITHMS = {"rsa2048": "rsa-sha256", "ed25519": "ed25519-sha256"}
# From domain of each campaign → who signs.
CAMPAIGNS = {"origin.test": "origin.test", "news.origin.test": "origin.test", "dual.test": "dual.test",
             "modern.test": "modern.test", "unsigned.test": None}


def zone_lines(keys):
    """The keys' records as `dkim generate` tells one to write them, in strings of 255 octets."""
    for key in keys:
        text = key["record"]
        strings = " ".join(f'"{text[at:at + 255]}"' for at in range(0, len(text), 255))
        yield f"{key['record_name']}. IN TXT ( {strings} )\n"


class DkimTest(case.LabCase):
    maxDiff = 4000

    @classmethod
    def set_up_lab(cls):
        cls.todoku = Todoku(cls.folder)
        for domain, algorithms in SIGNERS.items():
            for algorithm in algorithms:
                cls.todoku.run("dkim", "generate", domain, "--algorithm", algorithm)
        cls.keys = cls.todoku.run("dkim", "list", "--format", "json").json()
        cls.records = {key["record_name"]: key["record"] for key in cls.keys}
        cls.start(names.Nsd(cls.folder, names.ZONE + "".join(zone_lines(cls.keys))))
        people = newsletter.readers(["exim.test"], READERS)
        cls.exim = readers.start_exim(cls, {"exim.test": [person.email.split("@")[0] for person in people]})
        cls.addresses = [person.email for person in people]
        cls.todoku.import_contacts([person.row() for person in people], list_name="読者")
        template = case.write_template(cls.folder, newsletter.TEMPLATE)
        cls.sent = {}
        for sender in CAMPAIGNS:
            cls.todoku.create_campaign(sender, list_name="読者", template=template, sender=f"届く <news@{sender}>")
            cls.sent[sender] = cls.todoku.send(sender)

    def mails(self, sender):
        """The raw mails from this domain that arrived."""
        def found():
            raw = [path.read_bytes() for address in self.addresses for path in maildir.files(self.exim.maildir(address))]
            return [mail for mail in raw if f"<news@{sender}>".encode() in mail]
        self.wait_until(lambda: len(found()) == READERS, f"{READERS} mails from {sender}")
        return [mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for mail in found()]

    def signed(self):
        """(signing domain, mail) of every signed mail."""
        return [(signer, mail) for sender, signer in CAMPAIGNS.items() if signer for mail in self.mails(sender)]

    def answer(self, name, timeout=5):
        return self.records[name.decode().rstrip(".").lower()].encode()

    def test_python_verifies_every_signature(self):
        for signer, mail in self.signed():
            self.assertEqual(mail.count(b"DKIM-Signature:"), len(SIGNERS[signer]))
            for index, algorithm in enumerate(SIGNERS[signer]):
                check = dkim.DKIM(mail)
                self.assertTrue(check.verify(index, dnsfunc=self.answer), (signer, algorithm))
                self.assertEqual(check.domain, signer.encode())
                self.assertEqual(check.signature_fields[b"a"], ALGORITHMS[algorithm].encode())

    def test_python_refuses_changes(self):
        mail = self.mails("origin.test")[0]
        for changed in (mail + b"more\r\n", mail.replace(b"Subject: ", b"Subject: x"), b"Cc: eve@example.net\r\n" + mail,
                        b"From: eve@example.net\r\n" + mail):
            self.assertFalse(dkim.verify(changed, dnsfunc=self.answer))
        self.assertTrue(dkim.verify(mail, dnsfunc=self.answer))

    def opendkim(self, mail):
        return subprocess.run(["opendkim-testmsg"], input=mail, capture_output=True, check=False)

    def test_opendkim_verifies_over_dns(self):
        for _, mail in self.signed():
            done = self.opendkim(mail)
            self.assertEqual((done.returncode, done.stderr), (0, b""), mail[:2000])

    def test_opendkim_refuses_changes(self):
        for sender in SIGNERS:
            mail = self.mails(sender)[0]
            for changed in (mail + b"more\r\n", mail.replace(b"Subject: ", b"Subject: x"), b"From: eve@example.net\r\n" + mail):
                self.assertNotEqual(self.opendkim(changed).returncode, 0, sender)

    def test_what_is_signed(self):
        for _, mail in self.signed():
            signed = dkim.DKIM(mail)
            signed.verify(dnsfunc=self.answer)
            names_signed = [name.strip().lower() for name in signed.signature_fields[b"h"].split(b":")]
            for name in (b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post", b"feedback-id"):
                self.assertEqual(names_signed.count(name), 2, name)
            self.assertNotIn(b"l", signed.signature_fields)
            header = mail.split(b"\r\n\r\n", 1)[0]
            self.assertRegex(header, rb"\r\nFeedback-ID: c\d+:l\d+:newsletter:[a-z.]{5,15}\r\n")
            for field in re.findall(rb"DKIM-Signature:.*?(?=\r\n\S)", header, re.DOTALL):
                self.assertLessEqual(max(map(len, field.split(b"\r\n"))), 78)

    def test_send_warns_only_where_there_is_no_key(self):
        self.assertIn("todoku dkim generate unsigned.test", self.sent["unsigned.test"].errors)
        self.assertFalse(any(b"DKIM-Signature" in mail for mail in self.mails("unsigned.test")))
        for sender, signer in CAMPAIGNS.items():
            if signer:
                self.assertEqual(self.sent[sender].errors, "", sender)

    def test_check_finds_the_records(self):
        for domain in SIGNERS:
            done = self.todoku.run("dkim", "check", domain, "--format", "json").json()
            self.assertEqual([key["published"] for key in done], ["yes"] * len(SIGNERS[domain]), done)

    def test_a_new_key_waits_for_its_record(self):
        other = Todoku(self.folder / "rotation")
        (self.folder / "rotation").mkdir()
        other.run("dkim", "generate", "origin.test", "--selector", "first")
        self.assertEqual(other.run("dkim", "check", "origin.test", fails=True).status, 1)
        other.run("dkim", "rotate", "origin.test")
        self.assertEqual(self.states(other), {"first": "active", "second": "waiting"})
        other.run("dkim", "rotate", "origin.test")  # changes nothing while one waits
        self.assertEqual(self.states(other), {"first": "active", "second": "waiting"})
        keys = other.run("dkim", "list", "--format", "json").json()
        nsd = self.start_here(names.Nsd(self.folder / "rotation", names.ZONE + "".join(zone_lines(keys)), address="127.0.0.56"))
        self.assertTrue(nsd.pid)
        other.set(**{"dns.stub": "127.0.0.56:53"})
        other.run("dkim", "check", "origin.test")
        self.assertEqual(self.states(other), {"first": "retired", "second": "active"})
        other.run("dkim", "rotate", "origin.test", "--now")
        self.assertEqual(sorted(self.states(other).values()), ["active", "retired", "retired"])

    def states(self, todoku):
        keys = todoku.run("dkim", "list", "--format", "json").json()
        return {"second" if index == 1 else key["selector"]: key["state"] for index, key in enumerate(keys)}

    def test_a_key_that_is_gone_stops_sending(self):
        other = Todoku(self.folder / "gone")
        (self.folder / "gone").mkdir()
        other.run("dkim", "generate", "origin.test")
        next((other.data / "dkim" / "origin.test").iterdir()).unlink()
        other.import_contacts([{"email": self.addresses[0], "name": "x"}], list_name="one")
        template = case.write_template(self.folder / "gone", {"subject.txt": "x\n", "body.txt": "{{ unsubscribe_url }}\n"})
        other.create_campaign("gone", list_name="one", template=template, sender="news@origin.test")
        done = other.run("campaign", "send", "gone", fails=True)
        self.assertNotEqual(done.status, 0)
        self.assertIn("todoku dkim rotate origin.test --now", done.errors)


if __name__ == "__main__":
    case.main()
