"""A server process of the lab: started, waited for, stopped; its output goes to a log file.

Every server dies with the test (see namespace.py); stop() only does it earlier and in order.
"""

import os
import pathlib
import signal
import socket
import subprocess
import time


class NotReady(Exception):
    """The server ended, or did not listen in time; the text holds the end of its log."""


class Server:
    """Runs `command` until stop(). Subclasses write their configuration before calling start()."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        self._output = self.folder / "output.log"
        self.log = self._output
        self._process = None

    def start(self, command, *, listens, timeout=20, environment=None):
        """Starts and returns once every (address, port) or unix path in `listens` takes connections. `environment` holds
        variables besides our own."""
        with open(self._output, "ab") as log:
            self._process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                             start_new_session=True, env={**os.environ, **(environment or {})})
        deadline = time.monotonic() + timeout
        for place in listens:
            while not accepts(place):
                if self._process.poll() is not None:
                    raise NotReady(f"{self.name} ended with {self._process.returncode}:\n{self._tail()}")
                if time.monotonic() > deadline:
                    raise NotReady(f"{self.name} does not listen on {place}:\n{self._tail()}")
                time.sleep(0.02)
        return self

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tail(self):
        logs = {self._output, self.log}
        return "\n".join(line for log in logs if log.exists() for line in log.read_text(errors="replace").splitlines()[-20:])


def accepts(place):
    family = socket.AF_UNIX if isinstance(place, (str, pathlib.Path)) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(place) if family == socket.AF_UNIX else place)
            return True
        except OSError:
            return False
