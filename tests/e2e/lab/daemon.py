"""`todoku serve` of the lab, and its HTTP side seen from a client."""

import http.client
import json
import signal
import socket
import ssl
import subprocess
import time

from . import namespace  # noqa: F401  (the lab's loopback must be up)

ADDRESS = ("127.0.0.1", 8025)


class Daemon:
    def __init__(self, todoku, *arguments):
        self.process = None
        self._todoku = todoku
        self._arguments = arguments

    def start(self):
        self.process = self._todoku.start("serve", *self._arguments)
        deadline = time.monotonic() + 30
        while not _accepts(ADDRESS):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"todoku serve does not listen (status {self.process.poll()})")
            time.sleep(0.02)
        return self

    def stop(self):
        """Its exit status after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def signal(self, number):
        self.process.send_signal(number)

    def certificate(self):
        """The one it shows, in DER."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(ADDRESS, timeout=10) as plain, context.wrap_socket(plain) as secure:
            secure.sendall(b"GET /health HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            assert secure.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
            return secure.getpeercert(binary_form=True)

    def ask(self, path, method="GET", body=None, **fields):
        """(status, fields, body) of one request; field names with _ for -."""
        connection = http.client.HTTPConnection(*ADDRESS, timeout=10)
        try:
            connection.request(method, path, body=body, headers={name.replace("_", "-"): value for name, value in fields.items()})
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read().decode()
        finally:
            connection.close()

    def ask_json(self, path, **fields):
        status, _, body = self.ask(path, **fields)
        return status, json.loads(body)


def _accepts(place):
    try:
        socket.create_connection(place, timeout=1).close()
        return True
    except OSError:
        return False
