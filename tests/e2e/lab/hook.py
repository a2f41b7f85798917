"""A system of the operator's: takes posts over HTTP, and keeps them."""

import http.server
import json
import threading


class Hook:
    """`status`: what it answers from now on; 0: it closes the connection."""

    def __init__(self, port, address="127.0.0.1"):
        self.posts = []  # (fields, body)
        self.status = 204
        self._place = (address, port)
        self._server = None

    @property
    def url(self):
        return f"http://{self._place[0]}:{self._place[1]}/hook"

    def start(self):
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if hook.status == 0:
                    return
                if hook.status < 300:
                    hook.posts.append((dict(self.headers.items()), body))
                self.send_response(hook.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(self._place, Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()

    def events(self):
        """(type, address) of each post."""
        return [(event["type"], event["contact"]["address"]) for event in map(json.loads, (body for _, body in self.posts))]
