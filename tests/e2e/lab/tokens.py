"""An authorisation server for OAuth 2: gives access tokens for a refresh token over TLS, and tells Dovecot over HTTP whether
one is good."""

import http.server
import json
import ssl
import threading
import urllib.parse

HOST = "login.origin.test"
ADDRESS = "192.0.2.81"
ZONE = f"{HOST}. A {ADDRESS}\n"
INTROSPECTION = "http://192.0.2.81:8099/introspect"


class TokenServer:
    """Each refresh token is good once: the answer holds the next. issued: the access tokens given, in order."""

    def __init__(self, certificate, key, user, refresh_token="grant-0"):
        self.issued, self.good, self.asked = [], set(), []
        self._user, self._refresh_token = user, refresh_token
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._public = http.server.ThreadingHTTPServer((ADDRESS, 443), self._handler(self._give))
        self._public.socket = context.wrap_socket(self._public.socket, server_side=True)
        self._inner = http.server.ThreadingHTTPServer((ADDRESS, 8099), self._handler(self._introspect))

    def start(self):
        for server in (self._public, self._inner):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        for server in (self._public, self._inner):
            server.shutdown()
            server.server_close()

    def revoke(self):
        """No access token given so far is good any more; the refresh token is."""
        self.good.clear()

    def _give(self, form):
        if form.get("refresh_token") != self._refresh_token or form.get("client_id") != "todoku":
            return 400, {"error": "invalid_grant", "error_description": "the grant is over"}
        self.issued.append(f"access-{len(self.issued)}")
        self.good.add(self.issued[-1])
        self._refresh_token = f"grant-{len(self.issued)}"
        return 200, {"access_token": self.issued[-1], "expires_in": 3600, "token_type": "Bearer", "refresh_token": self._refresh_token}

    def _introspect(self, form):
        self.asked.append(form.get("token"))
        good = form.get("token") in self.good
        return 200, {"active": good, "email": self._user, "username": self._user} if good else {"active": False}

    @staticmethod
    def _handler(answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, value = answer(dict(urllib.parse.parse_qsl(body)))
                content = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        return Handler
