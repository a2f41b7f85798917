"""CHUNKING (RFC 3030) with Postfix and Exim: mails arrive as they were written, refused readers are told apart, the session goes
on with the next mail, and who watches it does not see the mail."""

import re

from lab import case, maildir, names, readers, watching
from lab.daemon import Daemon
from lab.todoku import Todoku

KNOWN = [f"r{number}" for number in range(12)]
TEXT = ["Dear {{ contact.name }},", ".one dot", "..two dots", ".", "the end"]
TEMPLATE = {"subject.txt": "dots\n", "body.txt": "\n".join(TEXT) + "\n{{ unsubscribe_url }}\n"}


class ChunkingTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.postfix, cls.dovecot = readers.start_postfix(cls, {f"{name}@postfix.test": None for name in KNOWN})
        cls.exim = readers.start_exim(cls, {"exim.test": KNOWN})

    def setUp(self):
        for server in (self.postfix, self.exim):
            server.mark = server.log.stat().st_size

    def send(self, name, domain, locals_, **settings):
        folder = self.folder / "data-of" / name
        folder.mkdir(parents=True)
        self.todoku = Todoku(folder, **{"delivery.connections_per_site": 1, **settings})
        self.todoku.import_contacts([{"email": f"{local}@{domain}", "name": local} for local in locals_], list_name="all")
        self.todoku.create_campaign(name, list_name="all", template=case.write_template(folder, TEMPLATE))
        self.todoku.send(name)
        status = self.todoku.status(name)
        return status["delivered"], status["failed"]

    def logged(self, server, pattern):
        with open(server.log, "rb") as log:
            log.seek(server.mark)
            return re.findall(pattern, log.read().decode(errors="replace"))

    def check_text(self, folder, before):
        self.wait_until(lambda: len(maildir.files(folder)) > before, f"a mail in {folder}")
        mail = max(maildir.files(folder), key=lambda path: path.stat().st_mtime_ns)
        text = mail.read_text(errors="replace").replace("\r\n", "\n")
        self.assertIn("\n.one dot\n..two dots\n.\nthe end\n", text)

    def test_postfix(self):
        before = {name: len(maildir.files(self.dovecot.maildir(f"{name}@postfix.test"))) for name in KNOWN}
        self.assertEqual(self.send("postfix", "postfix.test", KNOWN, **{"delivery.mails_per_connection": 1}), (12, 0))
        for name in KNOWN:
            self.check_text(self.dovecot.maildir(f"{name}@postfix.test"), before[name])
        sessions = self.logged(self.postfix, r"disconnect from .* (ehlo=.*)")
        self.assertEqual(sessions, ["ehlo=1 mail=1 rcpt=1 bdat=1 quit=1 commands=5"] * 12)

    def test_exim(self):
        before = {name: len(maildir.files(self.exim.maildir(f"{name}@exim.test"))) for name in KNOWN}
        self.assertEqual(self.send("exim", "exim.test", KNOWN, **{"delivery.mails_per_connection": 1}), (12, 0))
        for name in KNOWN:
            self.check_text(self.exim.maildir(f"{name}@exim.test"), before[name])
        self.assertEqual(len(self.logged(self.exim, r" <= .* K ")), 12)

    def test_refused_readers_and_the_mails_behind_them(self):
        for server, domain in ((self.postfix, "postfix.test"), (self.exim, "exim.test")):
            for number, order in enumerate((["nobody"] + KNOWN, KNOWN[:3] + ["nobody", "noone"] + KNOWN[3:], ["a", "b", "c"])):
                with self.subTest(domain=domain, order=order):
                    known = sum(name in KNOWN for name in order)
                    name = f"refused-{domain}-{number}"
                    self.assertEqual(self.send(name, domain, order), (known, len(order) - known))
            self.assertGreater(len(self.logged(server, r"bdat=1|bdat=0/1| K S=")), 0)

    def test_switched_off(self):
        for server, domain in ((self.postfix, "postfix.test"), (self.exim, "exim.test")):
            self.assertEqual(self.send(f"off-{domain}", domain, KNOWN[:3], **{"delivery.chunking": "false"}), (3, 0))
            self.assertEqual(self.logged(server, r"bdat=|<= .* K S="), [])

    def test_who_watches_does_not_see_the_mail(self):
        self.send("none", "postfix.test", KNOWN[:1])
        self.todoku.create_campaign("watched", list_name="all", template=self.folder / "data-of" / "none" / "template")
        self.start_here(Daemon(self.todoku))
        seen = watching.seen_of(self, self.todoku, "postfix.test", "watched")
        for part in ("> RCPT TO:<r0@postfix.test>", "> BDAT ", "(the mail, ", "bounces+***@origin.test"):
            self.assertIn(part, seen)
        for part in ("Subject", "Dear", "two dots", "> DATA"):
            self.assertNotIn(part, seen)


if __name__ == "__main__":
    case.main()
