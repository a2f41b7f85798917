"""A receiving server with STARTTLS that takes everything, but for a fault of TLS in each of its first sessions
(`python3 -m lab.torn_tls ADDRESS PORT JOURNAL TIMES CERTIFICATE KEY`).

STARTTLS is refused; the handshake, or the encrypted session at one of the states of SMTP, is cut off without a farewell,
stalls, or goes on with bytes that no record of TLS has. The journal is the faulty server's.
"""

import asyncio
import os
import ssl
import sys

from . import faulty, namespace, sink

REFUSALS = ("temporary", "permanent")
BREAKS = ("close", "stall", "garbage")
FAULTS = [("starttls", kind) for kind in ("close", "stall", *REFUSALS)] + [
    (state, kind) for state in ("handshake", "ehlo", "mail", "rcpt", "data", "content", "end", "after") for kind in BREAKS]


class TornTls(faulty.Faulty):
    """`authority` gives it a certificate."""

    def __init__(self, folder, address, times, authority):
        super().__init__(folder, address, times)
        self._certificate = authority.issue("sink.test")

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        return super(sink.Sink, self).start([sys.executable, "-m", "lab.torn_tls", *self._place, self.journal, self._times, *self._certificate],
                                            listens=[self._place])


class _Session(faulty._Session):
    _secure = None  # the state of TLS, once STARTTLS was answered
    _greeted = False  # the handshake is through
    _context = None

    def data_received(self, data):
        if self._stalled:
            return
        if not self._secure:
            super().data_received(data)
        elif not self._fails("handshake"):
            self._came.write(data)
            self._decrypt()

    def _decrypt(self):
        try:
            if not self._greeted:
                self._secure.do_handshake()
                self._greeted = True
            while not self._stalled:
                plain = self._secure.read(1 << 16)
                self._send_records()
                if not plain:
                    self._transport.close()
                    return
                super().data_received(plain)
        except ssl.SSLWantReadError:
            self._send_records()
        except ssl.SSLError:
            self._transport.abort()

    def _take_command(self, line):
        verb = line[:8].upper()
        if verb == b"STARTTLS" and not self._secure:
            if not self._fails("starttls"):
                self._say("220 2.0.0 Go on")
                self._pending = b""
                self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
                self._secure = self._context.wrap_bio(self._came, self._goes, server_side=True)
        elif verb.startswith(b"EHLO") and not self._secure:
            self._say("250-sink.test\r\n250-PIPELINING\r\n250 STARTTLS")
        else:
            super()._take_command(line)

    def _fails(self, state):
        if state not in ("starttls", "handshake") and not self._greeted:
            return False
        if self._state == state and self._kind == "garbage":
            self._state = None
            self._note("fault", state=state, kind=self._kind)
            self._stalled = True
            self._transport.write(b"\x17\x03\x03\x00\x40" + os.urandom(64))
            return True
        return super()._fails(state)

    def _say(self, reply):
        if self._greeted:
            self._secure.write(reply.encode() + b"\r\n")
            self._send_records()
        else:
            super()._say(reply)

    def _send_records(self):
        self._transport.write(self._goes.read())


async def _serve(address, port, path, times, certificate, key):
    journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    _Session._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _Session._context.load_cert_chain(certificate, key)
    _Session.plan(int(times), FAULTS)
    server = await asyncio.get_running_loop().create_server(lambda: _Session(journal), address, port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
