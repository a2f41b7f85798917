"""A web server over TLS: gives MTA-STS policies by host, and keeps what is posted to it."""

from .secure_web import Handler, SecureWeb

ADDRESS = "192.0.2.80"


class Policies(SecureWeb):
    """`policies`: domain → text of its policy. posted: (path, content type, body) of each POST."""

    def __init__(self, certificate, key, policies):
        self.posted = []
        self.fetched = []
        owner = self

        class Site(Handler):
            def do_GET(self):
                domain = self.headers["Host"].split(":")[0].removeprefix("mta-sts.")
                owner.fetched.append(domain)
                known = self.path == "/.well-known/mta-sts.txt" and domain in policies
                self.answer(200 if known else 404, policies[domain].encode() if known else b"")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.posted.append((self.path, self.headers["Content-Type"], body))
                self.answer(201, b"")

        self.serve((ADDRESS, 443), certificate, key, Site)
