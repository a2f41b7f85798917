"""A receiving SMTP server that takes everything and keeps count.

Runs as a process of its own (`python3 -m lab.sink ADDRESS PORT JOURNAL [content] [size=BYTES] [pace=MAILS_A_SECOND]`). Each event is one JSON line, written before the
reply that makes it true for the client: a mail that got its 250 is in the journal, one that is not got none.
  {"event": "open", "connection": 7, "at": seconds of the machine's monotonic clock, as in every event}
  {"event": "mail", "connection": 7, "helo": …, "from": …, "to": [...], "message_id": …, "fields": [names of the header], "size": …,
   "unsubscribe": value of List-Unsubscribe, "content": the whole mail, where asked for}
  {"event": "close", "connection": 7, "how": "quit" or "lost"}
"""

import asyncio
import itertools
import json
import os
import re
import sys
import time

from . import namespace
from .server import Server

_MESSAGE_ID = re.compile(rb"^message-id:[ \t\r\n]*(\S+)", re.IGNORECASE | re.MULTILINE)
_UNSUBSCRIBE = re.compile(rb"^list-unsubscribe:((?:.|\r?\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_FIELD = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_PATH = re.compile(rb"<([^>]*)>")


class Sink(Server):
    """The server seen from the test. `pace`: the most mails it takes in a second, for what has to happen while a campaign is under way."""

    def __init__(self, folder, address, port=25, name="sink", content=False, size_limit=50 << 20, pace=None):
        super().__init__(name, folder)
        self._place = (address, port)
        self._options = [f"size={size_limit}"] + (["content"] if content else []) + ([f"pace={pace}"] if pace else [])
        self.journal = self.folder / "journal"
        self.journal.touch()
        self._read = 0
        self._events = []
        self._mails = 0

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        return super().start([sys.executable, "-m", "lab.sink", *self._place, self.journal, *self._options], listens=[self._place])

    def events(self):
        """Every event until now; events written later are not in the list that was returned before."""
        with open(self.journal, "rb") as journal:
            journal.seek(self._read)
            for line in journal:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                self._events.append(json.loads(line))
        return list(self._events)

    def mails(self):
        return [event for event in self.events() if event["event"] == "mail"]

    def size(self):
        """Bytes in the journal: grows with every event, cheap to ask for."""
        return self.journal.stat().st_size


class _Session(asyncio.Protocol):
    _numbers = itertools.count(1)
    _next_at = 0  # when the next mail of all connections may be taken, where there is a pace
    _helo = None
    _waits = None  # the timer of a mail that is held back

    def __init__(self, journal):
        self._journal = journal
        self._number = next(self._numbers)
        self._pending = b""
        self._in_data = False
        self._how = "lost"

    def connection_made(self, transport):
        self._transport = transport
        self._reset()
        self._note("open")
        self._say("220 sink.test ESMTP")

    def connection_lost(self, _error):
        if self._waits:
            self._waits.cancel()  # it got no reply
        self._note("close", how=self._how)

    def data_received(self, data):
        self._pending += data
        self._go_on()

    def _go_on(self):
        while not self._waits:
            end = b"\r\n.\r\n" if self._in_data else b"\r\n"
            at = self._pending.find(end)
            if at < 0:
                return
            item, self._pending = self._pending[:at], self._pending[at + len(end):]
            if self._in_data:
                self._in_data = False
                self._hold_back(item)
            else:
                self._take_command(item)

    def _take_command(self, line):
        verb = line[:4].upper()
        if verb == b"EHLO":
            self._helo = line[5:].decode(errors="replace").strip()
            self._say("250-sink.test\r\n250-PIPELINING\r\n250-SIZE %d\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8" % _size_limit())
        elif verb == b"MAIL":
            self._from = _path(line)
            self._say("250 2.1.0 Ok")
        elif verb == b"RCPT":
            self._to.append(_path(line))
            self._say("250 2.1.5 Ok")
        elif verb == b"DATA":
            self._in_data = True
            self._pending = b"\r\n" + self._pending
            self._say("354 Go on")
        elif verb == b"RSET":
            self._reset()
            self._say("250 2.0.0 Ok")
        elif verb == b"QUIT":
            self._how = "quit"
            self._say("221 2.0.0 Bye")
            self._transport.close()
        else:
            self._say("250 2.0.0 Ok" if verb in (b"NOOP", b"HELO") else "502 5.5.2 Not known here")

    def _hold_back(self, mail):
        if _pace() == 0:
            self._take_mail(mail)
            return
        loop = asyncio.get_running_loop()
        _Session._next_at = max(_Session._next_at, loop.time()) + 1 / _pace()
        self._waits = loop.call_at(_Session._next_at, self._take_late, mail)

    def _take_late(self, mail):
        self._waits = None
        self._take_mail(mail)
        self._go_on()

    def _take_mail(self, body):
        header = body.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)[0]
        found = _MESSAGE_ID.search(header)
        content = {"content": body.removeprefix(b"\r\n").decode("utf-8", "replace")} if "content" in sys.argv[4:] else {}
        unsubscribe = _UNSUBSCRIBE.search(header)
        fields = [name.decode().lower() for name in _FIELD.findall(header)]
        self._note("mail", **{"from": self._from}, helo=self._helo, to=self._to, size=len(body), fields=fields,
                   unsubscribe=unsubscribe.group(1).decode(errors="replace").strip() if unsubscribe else "",
                   message_id=found.group(1).decode() if found else None, **content)
        self._reset()
        self._say("250 2.0.0 Ok: taken")

    def _reset(self):
        self._from, self._to = None, []

    def _note(self, event, **facts):
        os.write(self._journal, json.dumps({"event": event, "connection": self._number, "at": time.monotonic(), **facts}).encode() + b"\n")

    def _say(self, reply):
        self._transport.write(reply.encode() + b"\r\n")


def _option(name, default):
    return next((int(option.removeprefix(name + "=")) for option in sys.argv[4:] if option.startswith(name + "=")), default)


def _size_limit():
    """What it announces; clients hold themselves to it."""
    return _option("size", 50 << 20)


def _pace():
    """Mails a second; 0: as they come."""
    return _option("pace", 0)


def _path(line):
    found = _PATH.search(line)
    return found.group(1).decode() if found else None


async def _serve(address, port, path):
    journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    server = await asyncio.get_running_loop().create_server(lambda: _Session(journal), address, port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
