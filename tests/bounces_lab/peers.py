"""The other side of the wire: scripted receiving servers, one for each address, and the collector of notices."""

import asyncio
import re
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass

from .case import LOCAL_HOST, LOCAL_IP, NOTICE_DOMAIN


@dataclass
class Peer:
    """One receiving server. It takes every mail, but at `stage` it gives `reply` (lines parted by \\n).

    Stages: greeting, ehlo, starttls, mail, rcpt, data, eod (after the final dot); `size` announces reply as SIZE;
    `close-STAGE` breaks the connection there; `silent-STAGE` says nothing more; `tls` offers a self-signed certificate.
    """

    domain: str
    address: str
    stage: str = ""
    reply: str = ""
    extensions: tuple = ()
    routes: dict = None  # a relay: {domain: (stage, reply)} for the recipient's domain instead of one script

    @property
    def host(self):
        return "mx1." + self.domain


class Hangup(Exception):
    pass


class Session:
    """One SMTP (or LMTP) conversation with a peer's script."""

    def __init__(self, peer, reader, writer, keep, tls):
        self.peer, self.reader, self.writer, self.keep, self.tls = peer, reader, writer, keep, tls
        self.sender, self.rcpts, self.lmtp, self.secure = "", [], False, False

    async def say(self, text):
        self.writer.write("".join(l + "\r\n" for l in text.split("\n")).encode())
        await self.writer.drain()

    def filled(self, text):
        rcpt = self.rcpts[-1] if self.rcpts else ""
        return (text.replace("{rcpt}", rcpt).replace("{user}", rcpt.rpartition("@")[0]).replace("{ip}", LOCAL_IP)
                .replace("{domain}", self.peer.domain).replace("{host}", self.peer.host)
                .replace("{sender}", self.sender).replace("{tag}", "PEPF0000A1B2"))

    def script(self):
        if self.peer.routes is None:
            return self.peer.stage, self.peer.reply
        return self.peer.routes.get(self.rcpts[-1].rpartition("@")[2] if self.rcpts else "", ("", ""))

    async def at(self, stage, normal):
        """Says what the script has for this stage; true where all is well."""
        now, reply = self.script()
        if now == "close-" + stage:
            raise Hangup
        if now == "silent-" + stage:
            await asyncio.sleep(3600)
        if now == stage:
            await self.say(self.filled(reply))
            if reply.startswith("421"):
                raise Hangup
            return False
        await self.say(normal)
        return True

    async def ehlo(self):
        offers = [self.peer.host, "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", *self.peer.extensions]
        offers.append("SIZE " + (self.peer.reply if self.peer.stage == "size" else "52428800"))
        if (self.peer.stage == "tls" or self.peer.stage.endswith("starttls")) and not self.secure:
            offers.append("STARTTLS")
        await self.at("ehlo", "\n".join("250" + (" " if o is offers[-1] else "-") + o for o in offers))

    async def data(self):
        if not await self.at("data", "354 End data with <CR><LF>.<CR><LF>"):
            return
        lines = []
        while (line := await self.reader.readline()) not in (b".\r\n", b".\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if self.keep:
            self.keep(self.sender, list(self.rcpts), b"".join(lines))
        for rcpt in list(self.rcpts) if self.lmtp else [None]:
            if rcpt:
                self.rcpts.append(rcpt)
            await self.at("eod", "250 2.0.0 Ok: queued as 4XyZ1b3c9Dz")
        self.rcpts = []

    async def command(self, line):
        verb, text = line[:4].upper(), line.partition(":")[2].strip()
        address = text[1:].partition(">")[0] if text.startswith("<") else text.partition(" ")[0]
        if verb in ("EHLO", "LHLO"):
            self.lmtp = verb == "LHLO"
            await self.ehlo()
        elif verb == "HELO":
            await self.at("ehlo", "250 " + self.peer.host)
        elif verb == "STAR" and await self.at("starttls", "220 2.0.0 Ready to start TLS"):
            await self.writer.start_tls(self.tls)
            self.secure = True
        elif verb == "MAIL":
            self.sender, self.rcpts = address, []
            announced = re.search(r" SIZE=(\d+)", line, re.I)
            if self.peer.stage == "size" and announced and int(announced[1]) > int(self.peer.reply):
                await self.say("552 5.3.4 Message size exceeds fixed maximum message size")
            else:
                await self.at("mail", "250 2.1.0 Ok")
        elif verb == "RCPT":
            self.rcpts.append(address)
            if not await self.at("rcpt", "250 2.1.5 Ok"):
                self.rcpts.pop()
        elif verb == "DATA":
            await self.data() if self.rcpts else await self.say("503 5.5.1 Error: need RCPT command")
        elif verb == "QUIT":
            await self.say("221 2.0.0 Bye")
            raise Hangup
        elif verb != "STAR":
            await self.say("250 2.0.0 Ok")

    async def run(self):
        try:
            await self.at("greeting", f"220 {self.peer.host} ESMTP")
            while line := await self.reader.readline():
                if self.peer.stage == "greeting" and line[:4].upper() != b"QUIT":
                    await self.say("503 5.5.1 Not welcome")
                else:
                    await self.command(line.decode("utf-8", "replace").rstrip("\r\n"))
        except (Hangup, ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            self.writer.close()


class Collector:
    """Keeps what arrives at the return paths, by the tag between + and @."""

    def __init__(self):
        self.notices = {}
        self.changed = threading.Condition()

    def keep(self, sender, rcpts, data):
        for rcpt in rcpts:
            tag = rcpt.partition("@")[0].partition("+")[2]
            head = (f"Return-Path: <{sender}>\nDelivered-To: {rcpt}\n"
                    f"Received: from {LOCAL_HOST} ({LOCAL_HOST} [{LOCAL_IP}])\n\tby mx1.{NOTICE_DOMAIN} (Postfix) with "
                    f"ESMTP id 4XyZ{tag[:6]}\n\tfor <{rcpt}>; {time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime())}\n")
            with self.changed:
                self.notices.setdefault(tag, []).append(head.encode() + data.replace(b"\r\n", b"\n"))
                self.changed.notify_all()

    def wait(self, awaited, seconds, prod=None):
        """Until each tag of `awaited` {tag: count} has its notices; `prod` is called each second meanwhile."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.changed:
                if all(len(self.notices.get(t, ())) >= n for t, n in awaited.items()):
                    return
                self.changed.wait(1)
            if prod:
                prod()


def certificate(folder):
    """A TLS context with a self-signed certificate of its own, made in `folder`."""
    key, cert = folder / "peer.key", folder / "peer.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj",
                    "/CN=selfsigned.example", "-keyout", key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def serve(peers, collector, collector_address, folder):
    """Starts every peer on its address, port 25, and the collector; they live in a thread until the process ends."""
    tls = certificate(folder)
    ready = threading.Event()
    ours = Peer(NOTICE_DOMAIN, collector_address, extensions=("SMTPUTF8",))

    async def listen():
        for peer, keep in [(ours, collector.keep)] + [(p, collector.keep if p.routes else None) for p in peers]:
            async def talk(reader, writer, peer=peer, keep=keep):
                await Session(peer, reader, writer, keep, tls).run()
            await asyncio.start_server(talk, peer.address, 25, limit=1 << 22)
        ready.set()
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(listen()), daemon=True).start()
    if not ready.wait(20):
        raise RuntimeError("the scripted receivers did not start")
