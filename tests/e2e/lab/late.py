"""Systems that take every mail and bounce later: Postfix and Exim as gateways, and behind both a mailbox host that refuses
for ten causes (`python3 -m lab.late ADDRESS PORT JOURNAL`).

The cause is what stands before the first "-" of the local part: "full-12@late.test" has a full mailbox.
"""

import asyncio
import os
import pathlib
import sys

from . import names, namespace, sink
from .exim import Exim
from .postfix import Postfix

HOST = "192.0.2.31"
POSTFIX_DOMAIN, EXIM_DOMAIN = "late.test", "laggard.test"
ZONE = names.ZONE + f"{POSTFIX_DOMAIN}. MX 10 mx.postfix.test.\n{EXIM_DOMAIN}. MX 10 mx.exim.test.\nstraight.test. MX 10 mx.straight.test.\nmx.straight.test. A {HOST}\n"

# cause: (reply to RCPT or None, reply after the mail or None, reason that it is)
CAUSES = {
    "gone": ("550 5.1.1 <{}>: Recipient address rejected: User unknown in virtual mailbox table", None, "user_unknown"),
    "full": ("552 5.2.2 <{}>: Recipient's mailbox is full, message returned to sender", None, "mailbox_full"),
    "disabled": ("550 5.2.1 The email account that you tried to reach is disabled", None, "account_disabled"),
    "refused": ("550 5.7.1 This recipient does not accept mail from you", None, "recipient_refused"),
    "blocked": ("554 5.7.1 Service unavailable; Client host [192.0.2.10] blocked using zen.example.org", None, "blocked"),
    "relay": ("554 5.7.1 <{}>: Relay access denied", None, "relay_denied"),
    "big": (None, "552 5.3.4 Message size exceeds fixed maximum message size", "message_too_big"),
    "spam": (None, "554 5.7.1 This message has been identified as spam", "spam_detected"),
    "virus": (None, "554 5.7.1 The message contains a virus (Eicar-Signature)", "virus_detected"),
    "dmarc": (None, "550 5.7.1 Unauthenticated email from origin.test is not accepted due to domain's DMARC policy",
              "authentication_failed"),
}


class MailboxHost(sink.Sink):
    def __init__(self, folder, address=HOST):
        super().__init__(folder, address, name="mailboxes")

    def start(self):
        os.environ["PYTHONPATH"] = str(namespace.SOURCE / "tests" / "e2e")
        return super(sink.Sink, self).start([sys.executable, "-m", "lab.late", *self._place, self.journal], listens=[self._place])


class _Session(sink._Session):
    def _take_command(self, line):
        if line[:4].upper() == b"RCPT":
            address = sink._path(line)
            reply = CAUSES.get(address.split("-")[0], (None, None))[0]
            if reply:
                return self._say(reply.format(address))
        return super()._take_command(line)

    def _take_mail(self, body):
        replies = [CAUSES.get(address.split("-")[0], (None, None))[1] for address in self._to]
        if any(replies):
            self._reset()
            return self._say(replies[0])
        return super()._take_mail(body)


def postfix(start, folder, *, settings=(), services=""):
    """A gateway for POSTFIX_DOMAIN. `services` are further lines of its master.cf."""
    gateway = Postfix(folder, names.POSTFIX, settings=[
        "myhostname = mx.postfix.test",
        f"relay_domains = {POSTFIX_DOMAIN}",
        "relay_recipient_maps =",
        "smtpd_relay_restrictions = reject_unauth_destination",
        "default_destination_concurrency_limit = 20",
        *settings,
    ])
    master = gateway.folder / "conf" / "master.cf"
    master.write_text(master.read_text() + services)
    os.utime(master, (0, 0))
    return start(gateway)


class LateExim(Exim):
    """A gateway for EXIM_DOMAIN; `routers` and `transports` say where bounces go."""

    def __init__(self, folder, *, routers="", transports=""):
        self._routers, self._transports = routers, transports
        super().__init__(folder, names.EXIM, {EXIM_DOMAIN: []}, name="late-exim")

    def _configuration(self, domains, size_limit, tls, relay, authenticators):
        text = super()._configuration(domains, size_limit, tls, relay, authenticators)
        text = text.replace("begin routers\n", f"""begin routers
late:
  driver = manualroute
  domains = +ours
  route_list = * {HOST}
  transport = remote
  self = send
{self._routers}
""").replace("begin transports\n", f"begin transports\n{self._transports}\n")
        return text.replace("    verify = recipient\n", "    domains = *\n").replace("queue_run_max = 1", "queue_run_max = 4")


async def _serve(address, port, path):
    journal = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    server = await asyncio.get_running_loop().create_server(lambda: _Session(journal), address, port, backlog=500)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
