"""Mail in our name from elsewhere: DMARC reports and forged bounces grow one picture by every road, and a flood of them is harmless."""

import base64
import concurrent.futures
import gzip
import io
import pathlib
import smtplib
import socket
import subprocess
import time
import zipfile

import dkim

from lab import bounces, case, names
from lab.daemon import Daemon
from lab.todoku import Todoku

PLACE = (names.ORIGIN, 25)
# Not of the documentation networks, whose reverse zones a resolver answers by itself.
FORGER, FORGERS_NAME = "45.66.77.88", "dialup66.liar.test"
FLOOD = 100_000
CLIENTS = 4
DAY = 86400


def report(number, rows, domain="origin.test", day=0):
    begin = (int(time.time()) // DAY - 1 - day) * DAY
    records = "".join(f"""<record><row><source_ip>{address}</source_ip><count>{count}</count><policy_evaluated>
        <disposition>none</disposition><dkim>{result}</dkim><spf>{result}</spf></policy_evaluated></row>
        <identifiers><header_from>{domain}</header_from></identifiers></record>""" for address, count, result in rows)
    return f"""<?xml version="1.0"?><feedback><report_metadata><org_name>receiver.test</org_name><report_id>{number}</report_id>
        <date_range><begin>{begin}</begin><end>{begin + DAY - 1}</end></date_range></report_metadata><policy_published>
        <domain>{domain}</domain><p>none</p><pct>100</pct></policy_published>{records}</feedback>""".encode()


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def mail_of(content, kind, name, to="dmarc@origin.test"):
    return (f"From: noreply@receiver.test\r\nTo: {to}\r\nSubject: Report Domain: origin.test Submitter: receiver.test\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: {kind}; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(content).decode().replace("\n", "\r\n"))


class Signer:
    """The receiver that writes the reports: signs its mails, and has its key in DNS."""

    def __init__(self, folder):
        key = folder / "receiver.pem"
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        text = "v=DKIM1; k=rsa; p=" + base64.b64encode(public).decode()
        strings = " ".join(f'"{text[at:at + 250]}"' for at in range(0, len(text), 250))
        self.record = f"s._domainkey.receiver.test. TXT {strings}\n"
        self._key = key.read_bytes()

    def sign(self, mail):
        return dkim.sign(mail.encode(), b"s", b"receiver.test", self._key).decode() + mail


def forged_bounce(to):
    return bounces.bounce(to, "a@sunk.test", original=f"""Received: from liar.test (unknown [{FORGER}]) by mx.sunk.test (Postfix)
From: news@origin.test
Message-ID: <x@elsewhere.test>""")


def forged_path(number):
    letters = "abcdefghijklmnopqrstuvwxyz"
    return "bounces+" + "".join(letters[number // 26**place % 26] for place in range(5)) + "a" * 21 + "@origin.test"


def resident(pid):
    """In MB."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


def flood(numbers):
    """Names these forged recipients, 250 in a session and in one write; how many were taken, how many refused."""
    codes = {b"250": 0, b"550": 0}
    for first in range(0, len(numbers), 250):
        part = numbers[first:first + 250]
        with socket.create_connection(PLACE, timeout=60) as client, client.makefile("rb") as heard:
            heard.readline()
            client.sendall(b"HELO forger.test\r\nMAIL FROM:<>\r\n")
            heard.readline()
            heard.readline()
            client.sendall("".join(f"RCPT TO:<{forged_path(number)}>\r\n" for number in part).encode())
            for _ in part:
                codes[heard.readline()[:3]] += 1
    return codes[b"250"], codes[b"550"]


class SpoofingTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.signer = Signer(cls.folder)
        reverse = ".".join(reversed(FORGER.split("."))) + f".in-addr.arpa. PTR {FORGERS_NAME}.\n"
        cls.start(names.Nsd(cls.folder, names.ZONE + cls.signer.record + reverse))

    def setUp(self):
        self.here = self.folder / self._testMethodName
        self.here.mkdir()
        self.maildir = self.here / "reports"
        for part in ("new", "cur", "tmp"):
            (self.maildir / part).mkdir(parents=True)
        self.todoku = Todoku(self.here, **{"log.level": "info", "intake.listen": f"{names.ORIGIN}:25", "intake.maildirs": self.maildir,
                                           "intake.addresses": "dmarc@origin.test", "spoofing.own_sources": "192.0.2.50"})

    def report_mail(self, *parts):
        return self.signer.sign(mail_of(*parts))

    def picture(self, domain="origin.test"):
        return self.todoku.run("spoofing", domain, "--format", "json").json()[0]

    def deliver(self, to, content):
        with smtplib.SMTP(*PLACE, local_hostname="mx.receiver.test") as client:
            client.sendmail("", [to], content)

    def test_reports(self):
        daemon = self.start_here(Daemon(self.todoku))
        first = report(1, [("192.0.2.50", 100, "pass"), (FORGER, 7, "fail")])
        mail = self.report_mail(gzip.compress(first), "application/gzip", "receiver.test!origin.test!1!2.xml.gz")
        self.deliver("dmarc@origin.test", mail)
        self.deliver("dmarc@origin.test", "X-Again: yes\r\n" + mail)
        self.deliver("dmarc@origin.test", self.report_mail(b"no zip", "application/zip", "receiver.test!origin.test!1!2.zip"))
        second = self.report_mail(zipped("a.xml", report(2, [(FORGER, 5, "fail")])), "application/zip", "receiver.test!origin.test!1!2.zip")
        (self.maildir / "new" / "1.mail").write_text(second.replace("\r\n", "\n"))  # as mail servers keep it
        single = self.here / "third.eml"
        single.write_text(self.report_mail(report(3, [("198.51.100.3", 20, "pass")]), "text/xml", "r.xml"))
        self.todoku.run("intake", single)
        plain = self.here / "fourth.xml"
        plain.write_bytes(report(4, [("192.0.2.50", 11, "pass")]))
        self.assertIn("new: 1", self.todoku.run("dmarc", "import", plain, single).output, "the third is known")
        self.wait_until(lambda: self.picture()["reports"] == 4, "all four are read")
        seen = self.picture()
        self.assertEqual([seen[origin]["mails"] for origin in ("own", "authorised", "elsewhere")], [111, 20, 12])
        self.assertEqual(seen["unproven"], 0)
        self.wait_until(lambda: self.name_of(FORGER) == FORGERS_NAME, "the forger's name is looked up", timeout=60)
        self.assertIn(FORGERS_NAME, self.todoku.run("spoofing").output)
        self.assertEqual(seen["would_be_refused"], {"mails": 12, "own": 0, "forwarded": 0})
        self.assertEqual(seen["advice"][0]["advice"], "change_passwords")
        states = sorted(entry["state"] for entry in self.todoku.run("intake", "list", "--format", "json").json())
        self.assertEqual(states, ["dead", "report", "report", "report", "report"])
        for language, words in (("en", "p=reject would have refused: 12"), ("ja", "なりすましの疑い: 12")):
            self.assertIn(words, self.todoku.run("spoofing", "--lang", language).output)
        self.assertEqual(daemon.stop(), 0)

    def name_of(self, address):
        return next(source["name"] for source in self.picture()["sources"] if source["address"] == address)

    def test_alert(self):
        daemon = self.start_here(Daemon(self.todoku))
        unsigned = mail_of(report(9, [(FORGER, 90_000, "fail")]), "text/xml", "r.xml")
        self.deliver("dmarc@origin.test", unsigned)
        changed = self.report_mail(report(10, [(FORGER, 400, "fail")]), "text/xml", "r.xml").replace("Subject: Report", "Subject: report")
        self.deliver("dmarc@origin.test", changed)
        self.assertEqual((self.picture()["unproven"], self.picture()["elsewhere"]["mails"]), (90_400, 0))
        self.assertIn("90,400", self.todoku.run("spoofing", "--lang", "ja").output)
        for day in range(1, 6):
            self.deliver("dmarc@origin.test", self.report_mail(report(day, [(FORGER, 10, "fail")], day=day), "text/xml", "r.xml"))
        self.assertEqual(self.picture()["alerts"], [])
        self.deliver("dmarc@origin.test", self.report_mail(report(9, [(FORGER, 400, "fail")]), "text/xml", "r.xml"))
        self.assertEqual([(alert["mails"], alert["address"]) for alert in self.picture()["alerts"]], [(400, FORGER)])
        self.assertIn('todoku_spoofing_alerts{kind="elsewhere"} 1', daemon.ask("/metrics")[2])
        self.wait_until(lambda: "origin.test" in daemon.ask_json("/health")[1].get("warnings", {}).get("spoofing", ""), "health warns")
        self.assertEqual(daemon.ask("/health")[0], 200)
        self.assertIn("event=spoofing_alert", (self.here / "todoku.log").read_text(errors="replace"))
        self.todoku.run("spoofing", "acknowledge", "origin.test")
        self.assertEqual(self.picture()["alerts"], [])
        self.wait_until(lambda: "warnings" not in daemon.ask_json("/health")[1], "the warning is gone")

    def test_flood(self):
        self.todoku.set(**{"intake.mails_per_minute": 0, "intake.forged_per_minute": 20})
        daemon = self.start_here(Daemon(self.todoku))
        self.deliver(forged_path(0), forged_bounce(forged_path(0)))
        flood(range(1000))  # what a first use allocates
        before, begun = resident(daemon.process.pid), time.monotonic()
        shares = [range(1000 + share, FLOOD + 1000, CLIENTS) for share in range(CLIENTS)]
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            taken, refused = map(sum, zip(*pool.map(flood, shares)))
        seconds, after = time.monotonic() - begun, resident(daemon.process.pid)
        print(f"{FLOOD / seconds:.0f} forged recipients a second, {taken} sampled; {before:.0f} MB before, {after:.0f} MB after")
        self.assertEqual(taken + refused, FLOOD)
        self.assertLessEqual(taken, 20 + 20 * seconds / 60 + 1)
        self.assertLess(after - before, 48)
        seen = self.picture()
        self.assertEqual(seen["bounces"], 1, "only what was really delivered")
        self.assertEqual([source["address"] for source in seen["sources"]], [FORGER])
        self.deliver("dmarc@origin.test", self.report_mail(report(1, [(FORGER, 7, "fail")]), "text/xml", "r.xml"))
        self.assertEqual(self.picture()["elsewhere"]["mails"], 7, "and all goes on")
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    case.main()
