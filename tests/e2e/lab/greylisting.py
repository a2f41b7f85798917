"""A receiving server that puts every tenth recipient off once, so that some mails have retry times
(`python3 -m lab.greylisting ADDRESS PORT JOURNAL`). The journal is the sink's."""

import asyncio
import os
import sys
import zlib

from . import namespace, sink


class Greylisting(sink.Sink):
    def __init__(self, folder, address):
        super().__init__(folder, address, name="greylisting")

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        return super(sink.Sink, self).start([sys.executable, "-m", "lab.greylisting", *self._place, self.journal],
                                            listens=[self._place])


class _Session(sink._Session):
    _seen = set()

    def _take_command(self, line):
        address = sink._path(line) if line[:4].upper() == b"RCPT" else None
        if address and zlib.crc32(address.encode()) % 10 == 0 and address not in self._seen:
            self._seen.add(address)
            self._say("451 4.7.1 Greylisted, please try again later")
        elif line[:4].upper() == b"DATA" and not self._to:
            self._say("503 5.5.1 Not now")
        else:
            super()._take_command(line)


async def _serve(address, port, path):
    journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    server = await asyncio.get_running_loop().create_server(lambda: _Session(journal), address, port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
