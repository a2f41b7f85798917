"""A web server over TLS, in a thread: gives MTA-STS policies by host, and keeps what is posted to it."""

import http.server
import ssl
import threading

ADDRESS = "192.0.2.80"


class Policies:
    """`policies`: domain → text of its policy. posted: (path, content type, body) of each POST."""

    def __init__(self, certificate, key, policies):
        self.posted = []
        self.fetched = []
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                domain = self.headers["Host"].split(":")[0].removeprefix("mta-sts.")
                owner.fetched.append(domain)
                known = self.path == "/.well-known/mta-sts.txt" and domain in policies
                self._answer(200 if known else 404, policies[domain].encode() if known else b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.posted.append((self.path, self.headers["Content-Type"], body))
                self._answer(201, b"")

            def _answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = http.server.ThreadingHTTPServer((ADDRESS, 443), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def start(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
