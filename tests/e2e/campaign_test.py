"""A campaign of 500 personalised Japanese mails to Postfix with Dovecot and to Exim, read back from the Maildirs by Python's
email package and by GMime: every header, part and merged value is what was meant, nobody is missing, nobody got it twice."""

import collections
import datetime
import email.utils
import html
import json
import os
import re
import subprocess
import unittest

from lab import case, maildir, names, newsletter, readers
from lab.todoku import Todoku

READERS = 500
DOMAINS = ["postfix.test", "exim.test", "xn--wgv71a119e.test", "aonly.test", "backup.test"]
SENDER = (newsletter.SENDER_NAME, newsletter.SENDER_ADDRESS)

# What the receiving servers add.
TRACE = {"return-path", "received", "delivered-to", "envelope-to", "delivery-date"}
OURS = {"date", "from", "to", "subject", "message-id", "mime-version", "content-type", "list-unsubscribe",
        "list-unsubscribe-post", "x-todoku-trace", "list-id", "feedback-id", "reply-to", "precedence", "auto-submitted"}


class CampaignTest(case.LabCase):
    maxDiff = 4000
    mails = {}

    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.people = newsletter.readers(DOMAINS, READERS)
        by_domain = collections.defaultdict(list)
        for person in cls.people:
            by_domain[person.email.split("@")[1]].append(person.email)
        at_postfix = {address: None for domain in ("postfix.test", "backup.test") for address in by_domain[domain]}
        cls.postfix, cls.dovecot = readers.start_postfix(cls, at_postfix)
        cls.exim = readers.start_exim(cls, {domain: [address.split("@")[0] for address in addresses]
                                            for domain, addresses in by_domain.items() if domain not in ("postfix.test", "backup.test")})
        cls.begun = datetime.datetime.now(datetime.timezone.utc)
        cls.todoku = Todoku(cls.folder)
        cls.todoku.import_contacts([person.row() for person in cls.people], list_name="読者")
        cls.todoku.create_campaign("秋", list_name="読者", template=case.write_template(cls.folder, newsletter.TEMPLATE),
                                   sender=f"\"{SENDER[0]}\" <{SENDER[1]}>")
        sent = cls.todoku.send("秋")
        print(f"{READERS} mails in {sent.seconds:.1f} s, {sent.memory >> 20} MB", flush=True)

    def setUp(self):
        self.wait_until(lambda: len(self.all_files()) >= READERS, f"{READERS} mails in the Maildirs", timeout=60)
        if not self.mails:  # read once for all tests
            self.mails.update((person.email, maildir.messages(self.maildir(person))) for person in self.people)

    def maildir(self, person):
        server = self.dovecot if person.email.endswith(("@postfix.test", "@backup.test")) else self.exim
        return server.maildir(person.email)

    def all_files(self):
        return [path for person in self.people for path in maildir.files(self.maildir(person))]

    def for_each_mail(self, check):
        """Runs check(reader, mail) for all, and fails with the number of faults and the first of them."""
        faults = []
        for person in self.people:
            try:
                check(person, self.mails[person.email][0])
            except (AssertionError, AttributeError, TypeError, ValueError) as fault:
                faults.append(f"{person.email} ({person.name[:40]}): {fault}"[:3000])
        if faults:
            self.fail(f"{len(faults)} of {READERS} mails are not as they should be:\n" + "\n".join(faults[:3]))

    def test_status(self):
        status = self.todoku.status("秋")
        self.assertEqual((status["state"], status["total"], status["delivered"], status["failed"]), ("finished", READERS, READERS, 0))

    def test_nobody_missing_and_nobody_twice(self):
        self.assertEqual({address: len(found) for address, found in self.mails.items() if len(found) != 1}, {})

    def test_headers(self):
        def check(person, mail):
            self.assertEqual(mail["subject"], newsletter.subject(person))
            self.assertEqual(addresses(mail["from"]), [SENDER])
            self.assertEqual([address for _, address in addresses(mail["to"])], [person.email])
            self.assertEqual(mail["mime-version"], "1.0")
            self.assertEqual({name.lower() for name in mail.keys()} - TRACE - OURS, set(), "headers nobody asked for")
            once = collections.Counter(name.lower() for name in mail.keys() if name.lower() in OURS)
            self.assertEqual([name for name, times in once.items() if times > 1], [])
        self.for_each_mail(check)

    def test_dates(self):
        def check(_, mail):
            date = email.utils.parsedate_to_datetime(mail["date"])
            self.assertIsNotNone(date.tzinfo)
            now = datetime.datetime.now(datetime.timezone.utc)
            self.assertTrue(self.begun - datetime.timedelta(seconds=1) <= date <= now, mail["date"])
        self.for_each_mail(check)

    def test_unsubscribing(self):
        urls = set()
        def check(_, mail):
            links = re.findall(r"<([^>]+)>", mail["list-unsubscribe"])
            self.assertTrue(any(link.startswith("https://news.origin.test/") for link in links), links)
            self.assertEqual(mail["list-unsubscribe-post"], "List-Unsubscribe=One-Click")
            urls.add(unsubscribe_url(mail))
        self.for_each_mail(check)
        self.assertEqual(len(urls), READERS)

    def test_message_ids_and_return_paths_are_one_for_each_mail(self):
        for header in ("message-id", "return-path"):
            found = {self.mails[person.email][0][header] for person in self.people}
            self.assertEqual(len(found), READERS, header)
            for value in found:
                self.assertRegex(value, r"^<[^<>@\s]+@origin\.test>$")

    def test_text(self):
        def check(person, mail):
            part = mail.get_body(("plain",))
            self.assertEqual(part.get_content_charset(), "utf-8")
            self.check_same_text(self.content(part), newsletter.text(person, unsubscribe_url(mail)))
        self.for_each_mail(check)

    def test_html(self):
        def check(person, mail):
            part = mail.get_body(("html",))
            self.assertEqual(part.get_content_charset(), "utf-8")
            source = self.content(part)
            logo, = re.findall(r'<img src="(cid:[^"]+)"', source)
            self.check_same_text(html.unescape(source), newsletter.html_text(person, unsubscribe_url(mail), logo))
            self.assertEqual(source.count("<b>"), 0, "a field's markup got into the mail")
            image, = [part for part in mail.walk() if part["content-id"] == f"<{logo[4:]}>"]
            self.assertEqual((image.get_content_type(), image.get_content()), ("image/png", newsletter.LOGO))
        self.for_each_mail(check)

    def content(self, part):
        """A text part's content, line ends as "\\n"; in base64 they must be CRLF (RFC 2045, section 6.8)."""
        if part["content-transfer-encoding"] == "base64":
            self.assertIsNone(re.search(rb"(?<!\r)\n", part.get_payload(decode=True)), "bare LF inside base64")
        return part.get_content().replace("\r\n", "\n")

    def check_same_text(self, found, wanted):
        if found != wanted:
            at = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
            self.fail(f"at character {at}: {found[at - 20:at + 40]!r} instead of {wanted[at - 20:at + 40]!r}")

    def test_attachments(self):
        def check(_, mail):
            found = {part.get_filename(): (part.get_content_type(), part.get_payload(decode=True)) for part in mail.iter_attachments()
                     if part.get_content_disposition() == "attachment"}
            self.assertEqual(found, {newsletter.ATTACHMENT_NAME: ("application/pdf", newsletter.ATTACHMENT),
                                     "plain.txt": ("text/plain", newsletter.PLAIN_ATTACHMENT)})
        self.for_each_mail(check)

    def test_nothing_is_defective(self):
        def check(_, mail):
            defects = [defect for part in mail.walk() for defect in part.defects]
            defects += [defect for value in mail.values() for defect in value.defects]
            self.assertEqual(defects, [])
        self.for_each_mail(check)

    def test_lines(self):
        for path in self.all_files():
            raw = path.read_bytes()
            head, _, _ = raw.partition(b"\n\n")
            self.assertLessEqual(max(map(len, raw.split(b"\n"))), 998, path.name)
            self.assertTrue(all(byte < 128 for byte in head), f"{path.name}: eight-bit bytes in the header")

    def test_gmime_reads_the_same(self):
        files = self.all_files()
        dumped = subprocess.run([os.environ["TODOKU_MAILDUMP"], *map(str, files)], capture_output=True, text=True, check=True)
        lines = dumped.stdout.splitlines()
        self.assertEqual(len(lines), len(files))
        for path, line in zip(files, lines):
            self.assertEqual(comparable(json.loads(line)), comparable(maildir.described(path)), path.name)


def addresses(header):
    return [(address.display_name, address.addr_spec) for address in header.addresses]


def unsubscribe_url(mail):
    url, = [link for link in re.findall(r"<([^>]+)>", mail["list-unsubscribe"]) if link.startswith("https://")]
    return url


def comparable(mail):
    """The two packages fold white space and write addresses in their own ways; what is left must be the same."""
    headers = [[name.lower(), re.sub(r"[\s\"\\]+", "", value)] for name, value in mail["headers"] if name.lower() not in TRACE]
    return {"headers": [header for header in headers if header[0] != "content-type"], "parts": mail["parts"]}


if __name__ == "__main__":
    case.main()
