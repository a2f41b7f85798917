"""Bad input by way of the command line: a clear error that says where, bounded memory and time, and nothing lost."""

import csv
import subprocess
import unittest

from lab import case, names, namespace
from lab.sink import Sink
from lab.todoku import Todoku

MEMORY = 300 << 20  # with the sanitizers' own
SECONDS = 20
GOOD_TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n{{ unsubscribe_url }}\n"}


class BadInputCase(case.LabCase):
    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.todoku = Todoku(self.here)

    def check_bounded(self, done):
        self.assertLess(done.memory, MEMORY)
        self.assertLess(done.seconds, SECONDS)

    def check_refused(self, done, *words):
        self.assertIn(done.status, (1, 2), f"neither done nor crashed was expected: {done.errors}{done.output}")
        for word in words:
            self.assertIn(word, done.errors)
        self.assertNotRegex(done.errors, "Sanitizer|runtime error", "a sanitizer found something")
        self.check_bounded(done)


class FullDisk(BadInputCase):
    def test_an_export_is_there_whole_or_as_it_was(self):
        self.todoku.import_contacts([{"email": f"reader{number}@one.test", "name": "読者"} for number in range(3_000)], list_name="all")
        disk = self.here / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(disk)], check=True)
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=True)
        (disk / "all.csv").write_text("as it was")
        self.check_refused(self.export(disk / "all.csv"), "all.csv: No space left on device")
        self.assertEqual([(file.name, file.read_text()) for file in disk.iterdir()], [("all.csv", "as it was")])
        self.check_refused(self.export("/dev/full"), "/dev/full: No space left on device")
        self.assertEqual(self.export(self.here / "all.csv").status, 0)
        self.assertEqual(len((self.here / "all.csv").read_text().splitlines()), 3_001)

    def export(self, path):
        return self.todoku.run("contacts", "export", "--list", "all", "--output", path, fails=True)


class BadCsv(BadInputCase):
    def load(self, content, *, path=None):
        path = path or self.here / "readers.csv"
        path.write_bytes(content)
        return self.todoku.run("contacts", "import", path, "--list", "all", "--consent", "opt-in form", fails=True)

    def test_empty(self):
        self.check_refused(self.load(b""), "readers.csv")

    def test_header_only(self):
        done = self.load("メールアドレス,氏名\n".encode())
        self.check_bounded(done)
        self.assertIn(done.status, (0, 1, 2))
        self.assertTrue(done.errors or done.output)

    def test_no_address_column(self):
        self.check_refused(self.load("氏名,年齢\n佐藤,3\n".encode()), "readers.csv")

    def test_line_of_a_gigabyte(self):
        path = namespace.LAB / "gigabyte.csv"
        self.addCleanup(path.unlink, missing_ok=True)
        with open(path, "wb") as file:
            file.write(b"email,name\na@postfix.test,first\n")
            for _ in range(1024):
                file.write(b"x" * (1 << 20))
        done = self.todoku.run("contacts", "import", path, "--list", "all", "--consent", "opt-in form", fails=True)
        self.check_refused(done, "gigabyte.csv", "3")

    def test_quote_that_never_ends(self):
        self.check_refused(self.load(b"email,name\na@postfix.test,\"open\n" + b"b@postfix.test,x\n" * 1_000_000), "2")

    def test_nul(self):
        self.check_refused(self.load(b"email,name\na@postfix.test,ok\nb@postfix.test,x\0y\n"), "3")

    def test_binary(self):
        self.check_refused(self.load(bytes(range(256)) * 1000))

    def test_bad_rows_are_listed_and_good_ones_kept(self):
        rows = [["a@postfix.test", "よい"], ["x" * 10_000 + "@postfix.test", "長い"], ["no-at-sign", "なし"], ["two@at@signs", "二つ"],
                ["inject@postfix.test\r\nBcc: victim@exim.test", "改行"], ["", "空"], ["last@postfix.test", "よい"]]
        path = self.here / "rows.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["email", "name"])
            writer.writerows(rows)
        done = self.todoku.run("contacts", "import", path, "--list", "all", "--consent", "opt-in form", fails=True)
        self.check_bounded(done)
        self.assertEqual(done.status, 0, done.errors)
        with open(self.here / "rows.rejected.csv", newline="", encoding="utf-8-sig") as file:
            rejected = list(csv.DictReader(file))
        self.assertEqual([row["todoku_line"] for row in rejected], ["3", "4", "5", "6", "8"])
        for row in rejected:
            self.assertTrue(row["todoku_column"] and row["todoku_reason"], row)


class BadTemplate(BadInputCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))

    def create(self, files):
        self.todoku.import_contacts([{"email": "a@any.sunk.test", "name": "佐藤"}], list_name="all")
        template = case.write_template(self.here, {**GOOD_TEMPLATE, **files})
        return self.todoku.create_campaign("one", list_name="all", template=template, fails=True)

    def test_fault_names_line_and_column(self):
        self.check_refused(self.create({"body.txt": "一行目\n二行目 {{ contact.name | nosuchfilter }}\n"}), "body.txt", "2")

    def test_tag_that_never_ends(self):
        self.check_refused(self.create({"body.txt": "一\n二\n{% if contact.name %}開いたまま\n"}), "body.txt", "3")

    def test_ten_megabytes(self):
        done = self.create({"body.txt": "{{ contact.name }}" + "長い本文です。\n" * 500_000})
        self.check_bounded(done)
        if done.status != 0:
            self.check_refused(done, "body.txt")

    def test_endless_loops(self):
        loop = "{% for a in (1..1000000000) %}{% for b in (1..1000000000) %}x{% endfor %}{% endfor %}\n"
        done = self.create({"body.txt": loop})
        if done.status == 0:
            done = self.todoku.run("campaign", "send", "one", fails=True, timeout=60)
        self.check_refused(done, "body.txt")

    def test_deep_nesting(self):
        self.check_refused(self.create({"body.txt": "{% if contact.name %}" * 100_000 + "x" + "{% endif %}" * 100_000}), "body.txt")

    def test_not_utf8(self):
        self.check_refused(self.create({"body.txt": b"\xff\xfe\x00broken"}), "body.txt")

    def test_missing(self):
        self.todoku.import_contacts([{"email": "a@any.sunk.test", "name": "佐藤"}], list_name="all")
        self.check_refused(self.todoku.create_campaign("one", list_name="all", template=self.here / "nosuch", fails=True), "nosuch")


class BadFields(BadInputCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))

    def test_a_field_cannot_add_to_the_header(self):
        evil = ["改行\r\nBcc: victim@any.sunk.test", "x\nBcc: victim@any.sunk.test\n\nbody", "x\rBcc: victim@any.sunk.test",
                "x\u2028Bcc: y", "\x0bBcc: y", "<victim@any.sunk.test>", "\"", "x" * 60_000]
        rows = [{"email": f"reader{number}@any.sunk.test", "name": value, "note": value} for number, value in enumerate(evil)]
        self.todoku.import_contacts(rows, list_name="all")
        template = case.write_template(self.here, {**GOOD_TEMPLATE, "subject.txt": "{{ contact.name }} {{ contact.note }}\n"})
        self.todoku.create_campaign("one", list_name="all", template=template)
        self.todoku.send("one")
        mails = self.sink.mails()
        self.assertEqual(sorted(mail["to"] for mail in mails), sorted([row["email"]] for row in rows))
        self.assertEqual({tuple(sorted(mail["fields"])) for mail in mails}, {tuple(sorted(mails[0]["fields"]))})
        self.assertNotIn("bcc", mails[0]["fields"])


if __name__ == "__main__":
    case.main()
