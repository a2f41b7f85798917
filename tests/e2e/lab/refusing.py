"""A receiving server that takes everything but for the recipients that it was told to refuse, at RCPT and with the reply it
was told (`python3 -m lab.refusing ADDRESS PORT JOURNAL REPLIES`). What it refuses may change while it runs. A number in the place
of a reply: it decodes that recipient's mails and refuses those with a longer line, as filters do that look at what readers see.

The journal is the sink's, with the content of mails."""

import asyncio
import email
import email.policy
import json
import os
import pathlib
import sys

from . import namespace, sink

FULL = "552 5.2.2 This mailbox is full, the account is over quota"
GONE = "550 5.1.1 Recipient address rejected: User unknown in local recipient table"


class Refusing(sink.Sink):
    def __init__(self, folder, address):
        super().__init__(folder, address, name="refusing")
        self._replies = self.folder / "replies"
        self.refuse({})

    def refuse(self, replies):
        """From now on: address → reply, or the octets that a decoded line may have."""
        new = self._replies.with_suffix(".new")
        new.write_text(json.dumps(replies))
        new.rename(self._replies)

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        command = [sys.executable, "-m", "lab.refusing", *self._place, self.journal, self._replies]
        return super(sink.Sink, self).start(command, listens=[self._place])


class _Session(sink._Session):
    def _take_command(self, line):
        verb = line[:4].upper()
        if verb == b"RCPT":
            reply = self._wanted().get(sink._path(line))
            if isinstance(reply, str):
                return self._say(reply)
        if verb == b"DATA" and not self._to:
            return self._say("554 5.5.1 No valid recipients")
        super()._take_command(line)

    def _take_mail(self, body):
        limit = self._wanted().get(self._to[0])
        if isinstance(limit, int) and (longest := _longest_decoded_line(body)) > limit:
            self._reset()
            return self._say(f"554 5.6.0 Line too long ({longest} octets, maximum is {limit})")
        super()._take_mail(body)

    def _wanted(self):
        return json.loads(pathlib.Path(sys.argv[4]).read_text())


def _longest_decoded_line(body):
    """Of the texts, and of the words of the header."""
    mail = email.message_from_bytes(body.removeprefix(b"\r\n"), policy=email.policy.default)
    texts = [part.get_payload(decode=True) for part in mail.walk() if part.get_content_maintype() == "text"]
    lines = [line for text in texts for line in text.splitlines()]
    header = body.removeprefix(b"\r\n").split(b"\r\n\r\n", 1)[0]
    return max(map(len, [*lines, *header.split(b"\r\n")]))


if __name__ == "__main__":
    sink._Session = _Session
    sys.argv.append("content")  # mails are kept whole
    asyncio.run(sink._serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
