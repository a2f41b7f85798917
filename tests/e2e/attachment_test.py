"""Mails whose attachments are too big, whose lines are too long or that carry a virus, and what can be done about it: to
real Postfix and Exim, a scripted server that says its limit only in its refusal, and Debian's clamd."""

import email
import email.policy
import http.client
import json
import os
import re
import shutil
import smtplib
import urllib.parse

from lab import case, clamd, maildir, names, readers
from lab.daemon import Daemon
from lab.refusing import Refusing
from lab.todoku import Todoku

FILES = {name: os.urandom(size) for name, size in {"あ.pdf": 300_000, "b.pdf": 300_000, "c.txt": 50_000}.items()}
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n",
            **{f"attachments/{name}": content for name, content in FILES.items()}}
READERS = ["aoi@postfix.test", "aoi@exim.test", "ren@a.sunk.test"]
TOO_BIG = "552 5.3.4 Message size exceeds administrative limit of 495 kB"
LINE_LIMIT = 100  # octets, for both real servers; RFC 5322 would have 998, some old ones less
TOO_LONG = f"5.6.0 Line too long (maximum is {LINE_LIMIT})"


def joined(lines):
    """As a reader of format=flowed with DelSp joins them (RFC 3676)."""
    out = [""]
    for line in lines:
        line = line.removeprefix(" ")
        out[-1] += line.removesuffix(" ")
        if not line.endswith(" "):
            out.append("")
    return out


def visible(html):
    """What a browser shows: no comments, no tags, white space as one blank."""
    return " ".join(re.sub(r"<!--.*?-->|<[^>]*>", "", html, flags=re.DOTALL).split())


class AttachmentTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.postfix, cls.dovecot = readers.start_postfix(cls, {"aoi@postfix.test": None}, size_limit=500_000, settings=[
            f"body_checks = regexp:{{{{/^.{{{LINE_LIMIT + 1}}}/ REJECT {TOO_LONG}}}}}"])
        cls.exim = readers.start_exim(cls, {"exim.test": ["aoi"]}, line_limit=LINE_LIMIT)

    def setUp(self):
        shutil.rmtree(self.dovecot.maildir("aoi@postfix.test"), ignore_errors=True)
        shutil.rmtree(self.exim.maildir("aoi@exim.test"), ignore_errors=True)
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.todoku = Todoku(self.here)
        self.peer = self.start_here(Refusing(self.here, names.SINK))

    def make(self, addresses, template, *more):
        self.todoku.import_contacts([{"email": address, "name": "佐藤", "電話": "03-1234-5678"} for address in addresses],
                                    list_name="all")
        self.todoku.run("campaign", "create", "--name", "autumn", "--list", "all", "--template",
                        case.write_template(self.here, template), "--from", "届く便り <news@origin.test>",
                        "--postal-address", "東京都", "--contact", "help@origin.test", *more)

    def remedy(self, *arguments, **how):
        return self.todoku.run("remedy", *arguments, "--format", "json", **how).json()

    def failures(self):
        return {cause["reason"]: cause for cause in self.todoku.status("autumn")["causes"]}

    def mails(self, address, system):
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                for file in maildir.files(system.maildir(address))]

    def test_split_and_link(self):
        self.make(READERS, {path: content for path, content in TEMPLATE.items() if "c.txt" not in path}, "--attach",
                  self.write("c.txt", FILES["c.txt"]))
        self.peer.refuse({"ren@a.sunk.test": TOO_BIG})
        self.todoku.send("autumn")
        cause = self.failures()["message_too_big"]
        self.assertEqual(cause["failed"], 2, "Exim takes 50 MB")
        self.assertIn(["split_and_resend", "todoku remedy split 1"],
                      [[one["action"], one["command"]] for one in cause["commands"]])
        self.assertEqual(cause["example"]["fields"]["電話"], "03-1234-5678")

        plan = self.remedy("split", "autumn", "--dry-run")
        self.assertEqual(sorted((group["limit"], group["guessed"], len(group["parts"])) for group in plan["groups"]),
                         [(495_000, False, 2)], plan)
        self.assertEqual(plan["groups"][0]["recipients"], 2, "the same parts for both")
        self.assertEqual(plan["sent_as"], [])
        sent = self.remedy("split", "autumn")["sent_as"]
        self.peer.refuse({})
        for campaign in sent:
            self.todoku.send(campaign)
        self.wait_until(lambda: len(self.mails("aoi@postfix.test", self.dovecot)) == 2, "both parts")
        parts = sorted(self.mails("aoi@postfix.test", self.dovecot), key=lambda mail: mail["Subject"])
        self.assertEqual([mail["Subject"] for mail in parts], ["お知らせ (2通中1通目)", "お知らせ (2通中2通目)"])
        got = [{part.get_filename(): part.get_content() for part in mail.iter_attachments()} for mail in parts]
        self.assertEqual([list(files) for files in got], [["b.pdf", "c.txt"], ["あ.pdf"]])
        for files in got:
            for name, content in files.items():
                content = content if isinstance(content, bytes) else None
                if content is not None:
                    self.assertEqual(content, FILES[name])
        for mail in parts:
            self.assertIn("佐藤 様", mail.get_body(("plain",)).get_content())
        again = self.remedy("split", "autumn")
        self.assertEqual((again["groups"], again["waiting"], again["sent_as"]), ([], 0, []))
        self.assertEqual([(one["via"], one["delivered"]) for one in self.todoku.status("autumn")["resends"]],
                         [(sent[0], 2), (sent[1], 2)])

    def write(self, name, content):
        path = self.here / name
        path.write_bytes(content)
        return path

    def test_what_cannot_be_split_goes_as_links(self):
        self.make(["aoi@postfix.test"], TEMPLATE, "--attach", self.write("film.bin", os.urandom(900_000)))
        self.todoku.send("autumn")
        told = self.todoku.run("remedy", "split", "autumn", fails=True)
        self.assertEqual(told.status, 1)
        self.assertIn("film.bin", told.output)
        self.assertIn("todoku remedy link 1", told.output)
        sent = self.remedy("link", "autumn", "--expires", "2h")["sent_as"]
        daemon = self.start_here(Daemon(self.todoku))
        self.wait_until(lambda: self.mails("aoi@postfix.test", self.dovecot), "the mail with links")
        text = self.mails("aoi@postfix.test", self.dovecot)[0].get_body(("plain",)).get_content().replace("\r\n", "\n")
        links = re.findall(r"https://news\.origin\.test(/d/\S+)", text)
        self.assertEqual(len(links), 4, text)
        name_of = dict(zip(links, re.findall(r"^(\S+) \([\d.]+ [kM]B\)$", text, re.M)))
        self.assertEqual(set(name_of.values()), {"あ.pdf", "b.pdf", "c.txt", "film.bin"})
        for link in links[:3]:
            status, fields, body = self.fetch(link)
            self.assertEqual(status, 200)
            self.assertTrue(fields["Content-Disposition"].startswith("attachment; filename"), fields)
            self.assertEqual(fields["X-Content-Type-Options"], "nosniff")
            if name_of[link] in FILES:
                self.assertEqual(body, FILES[name_of[link]])
        japanese = next(link for link, name in name_of.items() if name == "あ.pdf")
        self.assertIn("filename*=UTF-8''" + urllib.parse.quote("あ.pdf"), self.fetch(japanese, "HEAD")[1]["Content-Disposition"])
        self.assertEqual(sent, [2])

        token, number = links[0].rsplit("/", 1)
        swapped = token[:-1] + ("a" if token[-1] != "a" else "b")
        wrong = [self.fetch(link) for link in (f"{swapped}/{number}", f"{token}/5", f"{token}/0x1", "/d/a/1")]
        self.assertEqual({(status, body) for status, _, body in wrong}, {(404, wrong[0][2])})
        for _ in range(8):
            status = self.fetch(links[0], "HEAD")[0]
        self.assertEqual(status, 429, "six in a row, then four a minute")

    def fetch(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", 8025, timeout=10)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def by_hand(self, host, address, line):
        """What the server says to a mail with such a line, as it is."""
        with smtplib.SMTP(host, 25, local_hostname="mail.origin.test", timeout=60) as client:
            try:
                client.sendmail("news@origin.test", [address], f"Subject: by hand\r\n\r\n{line}\r\n")
                return 250
            except smtplib.SMTPDataError as refused:
                return refused.smtp_code

    def test_long_lines_never_leave(self):
        """Postfix and Exim refuse lines above LINE_LIMIT; a campaign of long lines and words passes both."""
        servers = {"aoi@postfix.test": (names.POSTFIX, self.dovecot), "aoi@exim.test": (names.EXIM, self.exim)}
        for address, (host, _) in servers.items():
            self.assertEqual(self.by_hand(host, address, "x" * LINE_LIMIT), 250, address)
            self.assertGreaterEqual(self.by_hand(host, address, "x" * (LINE_LIMIT + 1)), 500, address)
        word, line = "長" * 50 + "x" * 1_500, "y" * 5_000
        plain_word = "z" * 600
        self.make(list(servers), {
            "subject.txt": f"{plain_word} {{{{ contact.name }}}} {word}\n", "body.txt": f"{line}\n{{{{ unsubscribe_url }}}}\n",
            "body.html": f"<p>{line}</p>{'<b>とどく</b>' * 500}<a href=\"{{{{ unsubscribe_url }}}}\">x</a>\n", "attachments/a.txt": line})
        self.todoku.send("autumn")
        self.assertEqual(self.todoku.status("autumn")["delivered"], 2, self.failures())
        for address, (_, system) in servers.items():
            self.wait_until(lambda: len(self.mails(address, system)) == 2, f"the mail lies at {address}")
            mail = next(mail for mail in self.mails(address, system) if mail["Subject"] != "by hand")
            self.assertTrue(mail["Subject"].startswith(f"{plain_word} 佐藤 長長"), mail["Subject"])
            self.assertEqual(mail.get_body(("plain",)).get_content().split()[0], line)
            self.assertIn(f"<p>{line}</p>" + "<b>とどく</b>" * 500, mail.get_body(("html",)).get_content())

    def test_a_field_that_cannot_be_folded_is_refused_at_once(self):
        self.todoku.set(**{"identity.public_url": "https://news.origin.test/" + "a" * 1_000})
        self.todoku.import_contacts([{"email": "aoi@exim.test", "name": "佐藤"}], list_name="all")
        refused = self.todoku.create_campaign("autumn", list_name="all", template=case.write_template(self.here, TEMPLATE), fails=True)
        self.assertEqual(refused.status, 1, refused.output)
        self.assertIn("998", refused.errors)
        self.assertIn("List-Unsubscribe", refused.errors)

    def test_reflow(self):
        """To a server that decodes mails and looks at the lines that readers get."""
        paragraph = "とどくお知らせ、" * 60
        sentence = "word " * 150
        subject = "w" * 70 + " News"
        self.make(["ren@a.sunk.test", "yui@a.sunk.test"], {
            "subject.txt": subject + "\n", "body.txt": f"{paragraph}\n{sentence}\n{{{{ unsubscribe_url }}}}\n",
            "body.html": f"<p class=\"a\">{paragraph}</p><p>{sentence}</p>{'<td><b>x</b></td>' * 50}{{{{ unsubscribe_url }}}}\n"})
        self.peer.refuse({"ren@a.sunk.test": 200})
        self.todoku.send("autumn")
        self.assertIn("todoku remedy reflow 1", [one["command"] for one in self.failures()["line_too_long"]["commands"]])
        sent = self.remedy("reflow", "autumn")
        self.assertEqual(sent["again"], 1)
        self.peer.refuse({"ren@a.sunk.test": 78})
        self.todoku.send(sent["sent_as"][0])
        self.assertEqual(self.todoku.status(str(sent["sent_as"][0]))["delivered"], 1, "it takes lines of 78 now, and all are so short")
        as_it_was, again = (email.message_from_string(mail, policy=email.policy.default) for mail in self.arrived())
        self.assertEqual((as_it_was["To"].split()[-1], again["To"].split()[-1]), ("<yui@a.sunk.test>", "<ren@a.sunk.test>"))
        self.assertEqual(again["Subject"], subject)
        before, after = (self.body(mail, "plain").split("\n") for mail in (as_it_was, again))
        self.assertEqual(joined(after)[:2], [line.rstrip() for line in before[:2]])
        self.assertEqual(visible(self.body(again, "html"))[:500], visible(self.body(as_it_was, "html"))[:500])
        self.assertEqual(self.remedy("reflow", "autumn")["again"], 0)

    def body(self, mail, subtype):
        return mail.get_body((subtype,)).get_content().replace("\r\n", "\n")

    def test_reflow_of_a_file(self):
        line = "word " * 150
        before = f"Subject: {line}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{'とどく' * 500}</p>\r\n"
        path = self.write("mail.eml", before.encode())
        after = self.todoku.run("remedy", "reflow", "--file", path, "--limit", "100").output
        self.assertLessEqual(max(map(len, after.splitlines())), 100)
        parse = lambda text: email.message_from_bytes(text.encode(), policy=email.policy.default)  # noqa: E731
        self.assertEqual(parse(after).get_content().split(), parse(before).get_content().split())

    def arrived(self):
        return [mail["content"] for mail in map(json.loads, self.peer.journal.read_text().splitlines()) if "content" in mail]

    def test_viruses(self):
        server = self.start_here(clamd.Clamd(self.here))
        self.todoku.set(**{"clamd.address": server.socket})
        self.make(["aoi@exim.test"], {**TEMPLATE, "attachments/bill.bin": b"x" * 1000 + clamd.MARKER + b"x" * 1000})
        refused = self.todoku.run("campaign", "send", "autumn", fails=True)
        self.assertEqual(refused.status, 1)
        self.assertIn("attachments/bill.bin", refused.errors)
        self.assertIn(clamd.VIRUS, refused.errors)
        self.assertEqual(self.todoku.status("autumn")["state"], "draft")

        found = self.remedy("scan", "autumn", fails=True)
        self.assertEqual([(one["file"], one["virus"].removesuffix(".UNOFFICIAL")) for one in found["files"] if one["infected"]],
                         [("attachments/bill.bin", clamd.VIRUS)])
        self.todoku.set(**{"clamd.address": f"127.0.0.1:{server.port}"})
        clean = self.todoku.run("remedy", "scan", self.write("c.txt", FILES["c.txt"]), "--format", "json").json()
        self.assertFalse(clean["infected"])
        large = self.todoku.run("remedy", "scan", self.write("large.bin", bytes(8_000_000)), fails=True)
        self.assertEqual(large.status, 1)
        self.assertIn("StreamMaxLength", large.errors)

        server.stop()
        self.todoku.run("campaign", "create", "--name", "winter", "--list", "all", "--template",
                        case.write_template(self.here, TEMPLATE, "clean"), "--from", "news@origin.test",
                        "--postal-address", "東京都", "--contact", "help@origin.test")
        refused = self.todoku.run("campaign", "send", "winter", fails=True)
        self.assertEqual(refused.status, 1, "whoever sets a clamd wants it asked")
        self.assertIn("clamd cannot be reached", refused.errors)
        self.todoku.set(**{"clamd.address": ""})
        self.todoku.send("winter")
        self.wait_until(lambda: self.mails("aoi@exim.test", self.exim), "the mail")


if __name__ == "__main__":
    case.main()
