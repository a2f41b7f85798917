"""A name server for the lab: answers from a table, and misbehaves where the table says so.

Only what mail servers ask is known: A, MX, PTR, and an empty answer for the rest. A name that isn't in the table
doesn't exist (NXDOMAIN).
"""

import socket
import struct
import threading

A, CNAME, PTR, MX, ANY = 1, 5, 12, 15, 255
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5


class Zone:
    """names: {name: {type: [value]}}; values: an address, a host name, or (preference, host) for MX."""

    def __init__(self):
        self.names = {}
        self.failing = set()  # domains answered with SERVFAIL, with everything below
        self.silent = set()  # domains never answered

    def add(self, name, kind, value):
        self.names.setdefault(name.lower(), {}).setdefault(kind, []).append(value)

    def host(self, name, address):
        self.add(name, A, address)
        self.add(".".join(reversed(address.split("."))) + ".in-addr.arpa", PTR, name)

    def mail_domain(self, domain, address, host=None):
        host = host or "mx1." + domain
        self.add(domain, MX, (10, host))
        self.host(host, address)

    def _under(self, name, domains):
        return any(name == d or name.endswith("." + d) for d in domains)

    def answer(self, name, kind):
        """(response code, [(type, value)]), or None for silence."""
        name = name.lower()
        if self._under(name, self.silent):
            return None
        if self._under(name, self.failing):
            return SERVFAIL, []
        if name not in self.names:
            below = any(n.endswith("." + name) for n in self.names)
            return (NOERROR if below else NXDOMAIN), []
        found = self.names[name]
        kinds = list(found) if kind == ANY else [kind]
        return NOERROR, [(k, v) for k in kinds for v in found.get(k, [])]


def _wire_name(name):
    labels = [l.encode("ascii", "replace") for l in name.rstrip(".").split(".") if l]
    return b"".join(bytes([len(l)]) + l for l in labels) + b"\0"


def _wire_value(kind, value):
    if kind == A:
        return socket.inet_aton(value)
    if kind == MX:
        return struct.pack("!H", value[0]) + _wire_name(value[1])
    return _wire_name(value)


def _question(packet):
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode("latin-1"))
        at += 1 + packet[at]
    kind = struct.unpack("!H", packet[at + 1 : at + 3])[0]
    return ".".join(labels), kind, packet[12 : at + 5]


def respond(zone, packet):
    """The answer to one datagram, or None."""
    name, kind, question = _question(packet)
    found = zone.answer(name, kind)
    if found is None:
        return None
    code, values = found
    flags = 0x8580 | code  # an answer, authoritative, recursion offered and desired
    out = packet[:2] + struct.pack("!HHHHH", flags, 1, len(values), 0, 0) + question
    for kind, value in values:
        data = _wire_value(kind, value)
        out += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
    return out


def serve(zone, address="127.0.0.53"):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))

    def loop():
        while True:
            packet, peer = server.recvfrom(4096)
            try:
                reply = respond(zone, packet)
            except (IndexError, struct.error):
                continue
            if reply:
                server.sendto(reply, peer)

    threading.Thread(target=loop, daemon=True).start()
