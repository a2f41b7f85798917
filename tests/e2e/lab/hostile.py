"""Receiving servers that misbehave on purpose, one at each address of names.HOSTILE (`python3 -m lab.hostile`)."""

import asyncio
import itertools
import os
import random
import sys

from . import names, namespace
from .server import Server


class Hostile(Server):
    """All of them in one process, on port 25."""

    def __init__(self, folder):
        super().__init__("hostile", folder)

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        return super().start([sys.executable, "-m", "lab.hostile"],
                             listens=[(address, 25) for address in names.HOSTILE.values()])


async def trickle(_reader, writer):
    """Sends its greeting a byte a second, and never comes to an end."""
    await _say(writer, b"220 ")
    while True:
        await _say(writer, b"x")
        await asyncio.sleep(1)


_visits = itertools.count()


async def closer(reader, writer):
    """Hangs up after the first command, next time after the second, and so on."""
    allowed = next(_visits) % 5
    await _say(writer, b"220 closer.test ESMTP\r\n")
    for _ in range(allowed):
        line = await reader.readline()
        await _say(writer, b"354 go on\r\n" if line.startswith(b"DATA") else b"250 ok\r\n")
    await reader.readline()


async def longline(reader, writer):
    """Every reply is one line of a megabyte."""
    await _say(writer, b"220 longline.test ESMTP\r\n")
    while await reader.readline():
        await _say(writer, b"550 5.1.1 " + b"x" * 1_000_000 + b"\r\n")


async def endless(reader, writer):
    """The reply to EHLO has no last line."""
    await _say(writer, b"220 endless.test ESMTP\r\n")
    await reader.readline()
    while True:
        await _say(writer, b"250-AND-MORE\r\n" * 1000)


async def binary(reader, writer):
    """Random bytes, NULs among them, as greeting and as replies."""
    noise = random.Random(7)
    while True:
        await _say(writer, noise.randbytes(2000) + b"\0\r\n")
        if not await reader.readline():
            return


async def mute(reader, _writer):
    """Takes the connection and says nothing."""
    await reader.read()


async def _say(writer, data):
    writer.write(data)
    await writer.drain()


def _session(behaviour):
    async def serve(reader, writer):
        try:
            await behaviour(reader, writer)
        except (ConnectionError, ValueError):
            pass
        finally:
            writer.close()
    return serve


async def _serve():
    servers = [await asyncio.start_server(_session(globals()[name]), address, 25) for name, address in names.HOSTILE.items()]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_serve())
