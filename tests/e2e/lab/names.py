"""The lab's name service: NSD with the root zone, Unbound that asks it, a scripted server for what no sane server answers.

NSD at 127.0.0.53 is authoritative for everything below ".". Domains for every case of MX routing stand in ZONE; two of
them are delegated to Scripted, which answers SERVFAIL or nothing. Unbound at 127.0.0.52 resolves as a provider's server does.
"""

import socket
import struct
import threading

from .server import Server

AUTHORITY = "127.0.0.53:53"
RESOLVER = "127.0.0.52:53"

POSTFIX = "192.0.2.10"
EXIM = "192.0.2.20"
SINK = "192.0.2.30"
SMARTHOST = "192.0.2.40"
ORIGIN = "192.0.2.50"
NOBODY = "192.0.2.66"  # nothing listens there
SILENT = "192.0.2.67"  # takes no connection, refuses none
HOSTILE = {"trickle": "192.0.2.70", "closer": "192.0.2.71", "longline": "192.0.2.72", "binary": "192.0.2.73",
           "mute": "192.0.2.74", "endless": "192.0.2.75"}

ZONE = f"""
$ORIGIN .
$TTL 300
. SOA ns.lab. hostmaster.lab. 1 3600 600 86400 1
. NS ns.lab.
ns.lab. A 127.0.0.53
mx.postfix.test. A {POSTFIX}
mx.exim.test. A {EXIM}
sink.test. A {SINK}
smarthost.test. A {SMARTHOST}
mail.origin.test. A {ORIGIN}
dead.test. A {NOBODY}
quiet.test. A {SILENT}
origin.test. MX 10 mail.origin.test.
postfix.test. MX 10 mx.postfix.test.
exim.test. MX 10 mx.exim.test.
backup.test. MX 10 dead.test.
backup.test. MX 20 mx.postfix.test.
quietbackup.test. MX 10 quiet.test.
quietbackup.test. MX 20 mx.postfix.test.
aonly.test. A {EXIM}
alias.test. CNAME exim.test.
xn--wgv71a119e.test. MX 10 mx.exim.test.
*.sunk.test. MX 10 sink.test.
nullmx.test. MX 0 .
refused.test. MX 10 dead.test.
silent.test. MX 10 quiet.test.
lostmx.test. MX 10 nosuchhost.test.
servfail.test. NS ns.servfail.test.
ns.servfail.test. A 127.0.0.54
timeout.test. NS ns.timeout.test.
ns.timeout.test. A 127.0.0.55
""" + "".join(f"{name}.test. MX 10 mx.{name}.test.\nmx.{name}.test. A {address}\n" for name, address in HOSTILE.items())


class Nsd(Server):
    """`others`: origin → zone file of further zones."""

    def __init__(self, folder, zone=ZONE, address="127.0.0.53", others=None):
        super().__init__("nsd", folder)
        self._address = address
        (self.folder / "root.zone").write_text(zone)
        (self.folder / "nsd.conf").write_text(f"""
server:
  ip-address: {address}
  server-count: 1
  zonesdir: "{self.folder}"
  database: ""
  pidfile: "{self.folder}/nsd.pid"
  xfrdfile: "{self.folder}/xfrd.state"
  xfrdir: "{self.folder}"
  zonelistfile: "{self.folder}/zone.list"
  logfile: "{self.log}"
  username: ""
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone"
""" + "".join(f'zone:\n  name: "{origin}"\n  zonefile: "{file}"\n' for origin, file in (others or {}).items()))

    def start(self):
        return super().start(["nsd", "-d", "-c", self.folder / "nsd.conf"], listens=[(self._address, 53)])


class Unbound(Server):
    """Resolves for others, from the root zone of Nsd down."""

    def __init__(self, folder):
        super().__init__("unbound", folder)
        (self.folder / "hints").write_text(". 300 NS ns.lab.\nns.lab. 300 A 127.0.0.53\n")
        (self.folder / "unbound.conf").write_text(f"""
server:
  interface: 127.0.0.52
  root-hints: "{self.folder}/hints"
  directory: "{self.folder}"
  chroot: ""
  username: ""
  pidfile: "{self.folder}/unbound.pid"
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  do-ip6: no
  local-zone: "test." nodefault
  trust-anchor-signaling: no
remote-control:
  control-enable: no
""")

    def start(self):
        return super().start(["unbound", "-d", "-c", self.folder / "unbound.conf"], listens=[("127.0.0.52", 53)])


class Scripted:
    """A name server in a thread: SERVFAIL to every question at 127.0.0.54, silence at 127.0.0.55."""

    def __init__(self):
        self.questions = {"servfail": 0, "silent": 0}
        self._sockets = []

    def start(self):
        for kind, address in (("servfail", "127.0.0.54"), ("silent", "127.0.0.55")):
            listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            listener.bind((address, 53))
            self._sockets.append(listener)
            threading.Thread(target=self._serve, args=(kind, listener), daemon=True).start()
        return self

    def stop(self):
        for listener in self._sockets:
            listener.close()

    def _serve(self, kind, listener):
        while True:
            try:
                query, peer = listener.recvfrom(4096)
            except OSError:
                return
            self.questions[kind] += 1
            if kind == "servfail":
                listener.sendto(servfail(query), peer)


def servfail(query):
    """The answer SERVFAIL (RFC 1035 section 4.1.1, RCODE 2) to `query`, its question repeated."""
    end = 12
    while query[end] != 0:
        end += query[end] + 1
    question = query[12:end + 5]
    recursion_desired = query[2] & 1
    return query[:2] + bytes([0x80 | recursion_desired, 2]) + struct.pack(">HHHH", 1, 0, 0, 0) + question


class SilentHost:
    """A host whose port takes no connection and refuses none: its queue of open connections is full."""

    def __init__(self, address=SILENT, port=25):
        self._place = (address, port)
        self._kept = []

    def start(self):
        listener = socket.socket()
        listener.bind(self._place)
        listener.listen(0)
        self._kept.append(listener)
        for _ in range(2):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self._place)
            self._kept.append(filler)
        return self

    def stop(self):
        for kept in self._kept:
            kept.close()
