"""A receiving server that takes everything, but for a fault in each of its first sessions: it hangs up, stalls, or answers
4xx or 5xx at one of the states of SMTP (`python3 -m lab.faulty ADDRESS PORT JOURNAL TIMES`).

Every fault of FAULTS is had TIMES times, in turn; then the server is well. The journal is the sink's, and besides
  {"event": "fault", "connection": 7, "state": "data", "kind": "stall"}
"""

import asyncio
import itertools
import os
import sys

from . import namespace, sink

STATES = ("greeting", "ehlo", "mail", "rcpt", "data", "content", "end", "after")
KINDS = ("close", "stall", "temporary", "permanent")
# Within the content nothing can be answered; after the mail was taken, only the answer can be lost.
FAULTS = [(state, kind) for state in STATES for kind in KINDS if kind in ("close", "stall") or state not in ("content", "after")]
REPLIES = {"temporary": "451 4.3.0 A fault of the test, try again", "permanent": "554 5.3.0 A fault of the test"}


class Faulty(sink.Sink):
    def __init__(self, folder, address, times):
        super().__init__(folder, address, name="faulty")
        self._times = times

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        return super(sink.Sink, self).start([sys.executable, "-m", "lab.faulty", *self._place, self.journal, self._times],
                                            listens=[self._place])

    def faults(self):
        return [event for event in self.events() if event["event"] == "fault"]


class _Session(sink._Session):
    _due = iter(())

    @classmethod
    def plan(cls, times, faults):
        cls._due = itertools.chain.from_iterable(itertools.repeat(faults, times))

    def connection_made(self, transport):
        self._state, self._kind = next(self._due, (None, None))
        self._stalled = False
        self._transport = transport
        self._reset()
        self._note("open")
        if not self._fails("greeting"):
            self._say("220 sink.test ESMTP")

    def connection_lost(self, error):
        if self._state:  # the client had no mail for it: the next session has the fault
            type(self)._due = itertools.chain([(self._state, self._kind)], self._due)
        super().connection_lost(error)

    def data_received(self, data):
        if self._stalled or (self._in_data and self._fails("content")):
            return
        super().data_received(data)

    def _take_command(self, line):
        state = line[:4].decode("ascii", "replace").lower()
        if self._stalled or (state in STATES and self._fails(state)):
            return
        if (state == "rcpt" and not self._from) or (state == "data" and not self._to):
            self._say("503 5.5.1 Not now")
        else:
            super()._take_command(line)

    def _take_mail(self, body):
        if self._stalled:
            return
        if self._fails("end"):
            self._reset()
            return
        if self._state == "after":
            self._say = lambda _reply: None
            super()._take_mail(body)
            del self._say
            self._fails("after")
            return
        super()._take_mail(body)

    def _fails(self, state):
        """Whether the fault was here; it is had once."""
        if self._state != state:
            return False
        self._state = None
        self._note("fault", state=state, kind=self._kind)
        if self._kind == "close":
            self._stalled = True
            self._transport.abort()
        elif self._kind == "stall":
            self._stalled = True
        else:
            self._say(REPLIES[self._kind])
        return True


async def _serve(address, port, path, times):
    journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    _Session.plan(int(times), FAULTS)
    server = await asyncio.get_running_loop().create_server(lambda: _Session(journal), address, port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
