"""Each cause of failure that a name service or a real mail server can give, and what `campaign status` says of it.

Every case is a campaign to one reader in a data folder of its own; all of them run at once."""

import collections
import concurrent.futures
import unittest

from lab import case, maildir, names, readers
from lab.sink import Sink
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}
BIG = {**TEMPLATE, "attachments/large.bin": bytes(range(256)) * 400}
POSTFIX_LIMIT = 60_000
SETTINGS = {"dns.stub": "", "dns.servers": names.RESOLVER, "smtp.timeout_connect": "1s", "dns.timeout": "2s"}

Case = collections.namedtuple("Case", "address expected template", defaults=[TEMPLATE])

# What must come of it: ("delivered",) or ("failed", reason).
CASES = {
    "unknown user, Postfix": Case("nobody@postfix.test", ("failed", "user_unknown")),
    "unknown user, Exim": Case("nobody@exim.test", ("failed", "user_unknown")),
    "full mailbox": Case("full@postfix.test", ("failed", "mailbox_full")),
    "mail over the server's limit": Case("aoi@postfix.test", ("failed", "message_too_big"), BIG),
    "domain does not exist": Case("aoi@nosuchdomain.test", ("failed", "host_unknown")),
    "domain takes no mail": Case("aoi@nullmx.test", ("failed", "no_mail_accepted")),
    "name server answers SERVFAIL": Case("aoi@servfail.test", ("failed", "expired")),
    "name server does not answer": Case("aoi@timeout.test", ("failed", "expired")),
    "connection refused": Case("aoi@refused.test", ("failed", "expired")),
    "host does not answer": Case("aoi@silent.test", ("failed", "expired")),
    "the MX has no address": Case("aoi@lostmx.test", ("failed", "host_unknown")),
    "first MX down, second up": Case("aoi@backup.test", ("delivered",)),
    "first MX silent, second up": Case("aoi@quietbackup.test", ("delivered",)),
    "no MX, an address": Case("aoi@aonly.test", ("delivered",)),
    "the domain is an alias": Case("aoi@alias.test", ("delivered",)),
}


class FailuresTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.start(names.Unbound(cls.folder))
        cls.start(names.Scripted())
        cls.start(names.SilentHost())
        users = {f"aoi@{domain}": None for domain in ("postfix.test", "backup.test", "quietbackup.test")}
        cls.postfix, cls.dovecot = readers.start_postfix(cls, {**users, "full@postfix.test": 1}, size_limit=POSTFIX_LIMIT)
        cls.exim = readers.start_exim(cls, {domain: ["aoi"] for domain in ("exim.test", "aonly.test", "alias.test")})
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            cls.statuses = dict(zip(CASES, pool.map(cls.send, CASES, CASES.values())))

    @classmethod
    def send(cls, name, wanted):
        folder = cls.folder / name.replace(" ", "-").replace(",", "")
        folder.mkdir()
        todoku = Todoku(folder, **SETTINGS)
        todoku.import_contacts([{"email": wanted.address, "name": "佐藤 葵"}], list_name="one")
        todoku.create_campaign("one", list_name="one", template=case.write_template(folder, wanted.template))
        todoku.send("one", timeout=60)
        return todoku.status("one")

    def test_every_cause(self):
        for name, wanted in CASES.items():
            with self.subTest(name):
                status = self.statuses[name]
                self.assertEqual(status["state"], "finished", status)
                self.assertEqual(outcome(status), wanted.expected, status)

    def test_a_sick_domain_holds_nobody_else_up(self):
        folder = self.folder / "mixed"
        folder.mkdir()
        todoku = Todoku(folder, **SETTINGS)
        sick = [f"reader{number}@{domain}" for number in range(20) for domain in ("timeout.test", "servfail.test", "silent.test")]
        well = [f"reader{number}@well{number % 5}.sunk.test" for number in range(100)]
        sink = self.start_here(Sink(self.folder, names.SINK))
        todoku.import_contacts([{"email": address, "name": "佐藤"} for address in sick + well], list_name="all")
        todoku.create_campaign("all", list_name="all", template=case.write_template(folder, TEMPLATE))
        sent = todoku.send("all", timeout=90)
        self.assertEqual(sorted(address for mail in sink.mails() for address in mail["to"]), sorted(well))
        status = todoku.status("all")
        self.assertEqual((status["delivered"], status["failed"]), (len(well), len(sick)))
        self.assertEqual({cause["reason"] for cause in status["causes"]}, {"expired"})
        self.assertLess(sent.seconds, 60)

    def test_second_host_and_address_got_the_mail(self):
        for folder in (self.dovecot.maildir("aoi@backup.test"), self.dovecot.maildir("aoi@quietbackup.test"),
                       self.exim.maildir("aoi@aonly.test"), self.exim.maildir("aoi@alias.test")):
            with self.subTest(folder.parent.name):
                self.wait_until(lambda: maildir.files(folder), "the mail in its Maildir")
                self.assertEqual(len(maildir.files(folder)), 1)

    def test_every_failure_is_explained(self):
        for name, status in self.statuses.items():
            for cause in status["causes"]:
                with self.subTest(name):
                    for field in ("name", "who_acts", "why", "what"):
                        self.assertTrue(cause[field], f"{field} is empty")


def outcome(status):
    """("delivered",) or ("failed", reason), where the one recipient had exactly that; else everything that was said."""
    failed = [cause["reason"] for cause in status["causes"] if cause["failed"]]
    if status["delivered"] == 1 and not failed:
        return ("delivered",)
    if status["failed"] == 1 and len(failed) == 1:
        return ("failed", failed[0])
    return status


if __name__ == "__main__":
    case.main()
