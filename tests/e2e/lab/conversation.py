"""An SMTP client that says exactly what a test wants, byte for byte."""

import base64
import socket
import ssl


class Conversation:
    """Opens and hears the greeting, unless `greeted` is False. Replies are texts with all their lines."""

    def __init__(self, address, port, *, tls=False, greeted=True, first=b"", source=None):
        self._socket = socket.create_connection((address, port), timeout=20, source_address=(source, 0) if source else None)
        if first:
            self._socket.sendall(first)
        if tls:
            self._secure()
        self._heard = b""
        self.greeting = self.hear() if greeted else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._socket.close()

    def hear(self):
        """One reply; an empty text where the server has closed."""
        while True:
            for at, line in self._lines():
                if line[3:4] != b"-":
                    reply, self._heard = self._heard[:at], self._heard[at:]
                    return reply.decode(errors="replace")
            try:
                got = self._socket.recv(65536)
            except (ConnectionError, ssl.SSLError):
                got = b""
            if not got:
                reply, self._heard = self._heard, b""
                return reply.decode(errors="replace")
            self._heard += got

    def send(self, data):
        self._socket.sendall(data if isinstance(data, bytes) else data.encode())

    def say(self, line):
        self.send((line if isinstance(line, bytes) else line.encode()) + b"\r\n")
        return self.hear()

    def code(self, line):
        return self.say(line)[:3]

    def start_tls(self):
        reply = self.say("STARTTLS")
        assert reply.startswith("220"), reply
        self._secure()

    def sign_in(self, user, password):
        return self.say("AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode())

    def certificate(self):
        return self._socket.getpeercert(binary_form=True)

    def _secure(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._socket = context.wrap_socket(self._socket, server_hostname="mail.origin.test")

    def _lines(self):
        at = 0
        while (end := self._heard.find(b"\r\n", at)) >= 0:
            yield end + 2, self._heard[at:end]
            at = end + 2
