"""A Redis server with a password, that can fall over and forget everything."""

import subprocess

from .server import Server

ADDRESS = "127.0.0.58"
PORT = "6379"
PASSWORD = "open%sesame"
URL = f"redis://:open%25sesame@{ADDRESS}:{PORT}/2"


class Redis(Server):
    def __init__(self, folder):
        super().__init__("redis", folder)

    def start(self):
        return super().start(["redis-server", "--bind", ADDRESS, "--port", PORT, "--requirepass", PASSWORD, "--save", "", "--appendonly", "no",
                              "--dir", self.folder], listens=[(ADDRESS, int(PORT))])

    def fall(self):
        self._process.kill()
        self._process.wait(20)

    def ask(self, *command):
        return subprocess.run(["redis-cli", "-h", ADDRESS, "-p", PORT, "-a", PASSWORD, "--no-auth-warning", "-n", "2", *command],
                              capture_output=True, text=True, check=True).stdout
