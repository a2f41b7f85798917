"""Proves the lab itself: that each server of it answers as the other tests take for granted. The program plays no part."""

import smtplib
import socket
import ssl
import struct
import unittest

from lab import case, maildir, names, readers, relays
from lab.authority import Authority
from lab.dovecot import Dovecot
from lab.exim import Exim
from lab.hostile import Hostile
from lab.sink import Sink

MAIL = "Subject: =?utf-8?b?5bGK44GP?=\r\n\r\nhello\r\n"


def ask(name, kind, server="127.0.0.53"):
    """(RCODE, number of answers) to one DNS question."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", kind, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5 if server == "127.0.0.55" else 10)
        client.sendto(query, (server, 53))
        answer = client.recv(4096)
    return answer[3] & 15, struct.unpack(">H", answer[6:8])[0]


class Names(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.start(names.Unbound(cls.folder))
        cls.start(names.Scripted())
        cls.start(names.SilentHost())

    def test_zones(self):
        a, mx = 1, 15
        self.assertEqual(ask("backup.test", mx), (0, 2))
        self.assertEqual(ask("nullmx.test", mx), (0, 1))
        self.assertEqual(ask("aonly.test", mx), (0, 0))
        self.assertEqual(ask("any.sunk.test", mx), (0, 1))
        self.assertEqual(ask("nowhere.test", a), (3, 0))
        self.assertEqual(ask("servfail.test", mx, "127.0.0.54"), (2, 0))
        with self.assertRaises(TimeoutError):
            ask("timeout.test", mx, "127.0.0.55")

    def test_resolver(self):
        mx, resolver = 15, "127.0.0.52"
        self.assertEqual(ask("backup.test", mx, resolver), (0, 2))
        self.assertEqual(ask("nowhere.test", mx, resolver), (3, 0))
        self.assertEqual(ask("servfail.test", mx, resolver), (2, 0))

    def test_hosts_that_take_nobody(self):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection((names.NOBODY, 25), 1)
        with self.assertRaises(TimeoutError):
            socket.create_connection((names.SILENT, 25), 0.5)


class Receivers(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        users = {"aoi@postfix.test": None, "full@postfix.test": 1}
        cls.postfix, cls.dovecot = readers.start_postfix(cls, users, size_limit=20_000)
        cls.exim = readers.start_exim(cls, {"exim.test": ["ken"], "aonly.test": ["ken"]})

    def send(self, host, recipient, mail=MAIL):
        with smtplib.SMTP(host, 25, "mail.origin.test", timeout=20) as client:
            client.sendmail("bounces@origin.test", [recipient], mail)

    def refused(self, host, recipient):
        with self.assertRaises(smtplib.SMTPRecipientsRefused) as caught:
            self.send(host, recipient)
        code, text = caught.exception.recipients[recipient]
        return code, text.decode()

    def arrived(self, folder):
        self.wait_until(lambda: maildir.files(folder), f"a mail in {folder}")
        return maildir.messages(folder)

    def test_delivery(self):
        self.send(names.POSTFIX, "aoi@postfix.test")
        self.send(names.EXIM, "ken@aonly.test")
        for folder in (self.dovecot.maildir("aoi@postfix.test"), self.exim.maildir("ken@aonly.test")):
            mail, = self.arrived(folder)
            self.assertEqual(mail["subject"], "届く")
            self.assertEqual(mail["return-path"], "<bounces@origin.test>")

    def test_refusals(self):
        self.assertEqual(self.refused(names.POSTFIX, "full@postfix.test"),
                         (552, "5.2.2 <full@postfix.test>: Recipient address rejected: Mailbox is full"))
        self.assertEqual(self.refused(names.POSTFIX, "nobody@postfix.test")[0], 550)
        self.assertEqual(self.refused(names.EXIM, "nobody@exim.test"), (550, "Unknown user"))
        with self.assertRaises(smtplib.SMTPSenderRefused) as caught:
            self.send(names.POSTFIX, "aoi@postfix.test", MAIL + "x" * 30_000)
        self.assertEqual(caught.exception.smtp_code, 552)


class Relays(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.authority = Authority(cls.folder)
        cls.trusted = ssl.create_default_context(cafile=str(cls.authority.certificate))
        cls.exim = readers.start_exim(cls, {"exim.test": ["ken"]})

    def relay(self, user, password, count):
        with smtplib.SMTP("smarthost.test", 587, "mail.origin.test") as client:
            client.ehlo()
            self.assertFalse(client.has_extn("auth"))
            client.starttls(context=self.trusted)
            client.login(user, password)
            client.sendmail("bounces@origin.test", ["ken@exim.test"], MAIL)
        self.wait_until(lambda: len(maildir.files(self.exim.maildir("ken@exim.test"))) == count, "the relayed mail")
        with smtplib.SMTP_SSL("smarthost.test", 465, "mail.origin.test", context=self.trusted) as client:
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                client.login(user, "wrong")

    def test_exim_then_postfix(self):
        exim = relays.start_exim(self.start_here, self.folder, self.authority, ports="587:465")
        self.relay(Exim.USER, Exim.PASSWORD, 1)
        exim.stop()
        relays.start_postfix(self.start_here, self.folder, self.authority)
        self.relay(relays.POSTFIX_USER, Dovecot.PASSWORD, 2)


class Others(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))

    def test_sink_counts(self):
        sink = self.start(Sink(self.folder, names.SINK))
        with smtplib.SMTP(names.SINK, 25, "mail.origin.test") as client:
            client.sendmail("a@origin.test", ["b@x.sunk.test"], "Message-ID: <1@origin.test>\r\n\r\nhello\r\n")
        socket.create_connection((names.SINK, 25)).close()
        self.wait_until(lambda: len(sink.events()) >= 7, "seven events")
        mail, = sink.mails()
        self.assertEqual((mail["to"], mail["message_id"]), (["b@x.sunk.test"], "<1@origin.test>"))
        self.assertIn("lost", [event.get("how") for event in sink.events()])

    def test_hostile_peers(self):
        self.start(Hostile(self.folder))
        with socket.create_connection((names.HOSTILE["longline"], 25)) as client:
            stream = client.makefile("rwb")
            stream.readline()
            stream.write(b"EHLO x\r\n")
            stream.flush()
            self.assertGreater(len(stream.readline()), 1_000_000)
        with socket.create_connection((names.HOSTILE["trickle"], 25)) as client:
            client.settimeout(3)
            self.assertEqual(client.recv(1)[:1], b"2")


if __name__ == "__main__":
    case.main()
