"""A web server over TLS, in a thread."""

import http.server
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    """Says nothing of its requests; subclasses answer them."""

    def answer(self, status, body, content_type="text/plain"):
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class SecureWeb:
    """Subclasses call serve() with where, the certificate, its key, and their Handler."""

    def serve(self, place, certificate, key, handler):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = http.server.ThreadingHTTPServer(place, handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def start(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
