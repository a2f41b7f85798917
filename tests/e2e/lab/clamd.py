"""Debian's clamd with a database of one signature of its own: nothing is fetched, and no real virus is needed."""

import hashlib

from .server import Server

MARKER = b"todoku-test-virus-" + hashlib.sha256(b"todoku").hexdigest().encode()
VIRUS = "Todoku.Test.Marker"


class Clamd(Server):
    """Finds VIRUS in whatever holds MARKER. Listens at `socket` and, with a port, at 127.0.0.1."""

    def __init__(self, folder, port=3310):
        super().__init__("clamd", folder)
        self.socket = self.folder / "clamd.sock"
        self.port = port
        database = self.folder / "database"
        database.mkdir()
        (database / "own.ndb").write_text(f"{VIRUS}:0:*:{MARKER.hex()}\n")
        (self.folder / "clamd.conf").write_text(f"""
DatabaseDirectory {database}
LocalSocket {self.socket}
TCPSocket {port}
TCPAddr 127.0.0.1
LogFile {self.log.with_name("clamd.log")}
TemporaryDirectory {self.folder}
Foreground yes
User root
SelfCheck 86400
StreamMaxLength 5M
MaxThreads 2
""")

    def start(self):
        return super().start(["clamd", "-c", self.folder / "clamd.conf"], listens=[self.socket, ("127.0.0.1", self.port)],
                             timeout=60)
