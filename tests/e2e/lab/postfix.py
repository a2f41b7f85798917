"""Postfix with its own configuration, queue and log: receives for virtual domains, relays for those who log in."""

import os
import shutil
import subprocess

from .server import Server

QUEUE_FOLDERS = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")


class Postfix(Server):
    """`settings` are further lines for main.cf. Listens on `address`, port 25 (and 465, 587 with `submission`)."""

    def __init__(self, folder, address, *, settings, submission=False, name="postfix"):
        super().__init__(name, folder)
        self._address = address
        self._submission = submission
        self._conf = self.folder / "conf"
        self.log = self.folder / "mail.log"
        self._conf.mkdir()
        self._make_queue()
        (self._conf / "dynamicmaps.cf").touch()
        # Each name once: Postfix warns of others, and its log daemon can stand still over ten warnings.
        own = {line.partition("=")[0].strip() for line in settings}
        common = [line for line in self._main().splitlines() if line.partition("=")[0].strip() not in own]
        (self._conf / "main.cf").write_text("".join(f"{line}\n" for line in common + list(settings)))
        (self._conf / "master.cf").write_text(self._services())
        for name in ("main.cf", "master.cf"):  # Postfix waits until a file it reads has been left alone for a while.
            os.utime(self._conf / name, (0, 0))

    def start(self):
        places = [(self._address, port) for port in ((25, 465, 587) if self._submission else (25,))]
        self.log.touch()
        return super().start(["/usr/lib/postfix/sbin/master", "-c", self._conf, "-s"], listens=places)

    def run_queue(self):
        """Delivers what waits, at once."""
        subprocess.run(["postqueue", "-c", str(self._conf), "-f"], check=True)

    def table(self, name, entries):
        """Writes a lookup table and returns it as main.cf names it."""
        path = self._conf / name
        path.write_text("".join(f"{key} {value}\n" for key, value in entries))
        return f"texthash:{path}"

    def _make_queue(self):
        queue = self.folder / "queue"
        queue.mkdir(mode=0o755)
        (queue / "pid").mkdir()
        for name in QUEUE_FOLDERS:
            (queue / name).mkdir(mode=0o700)
            shutil.chown(queue / name, "postfix")
        for name, mode in (("maildrop", 0o730), ("public", 0o710)):
            (queue / name).mkdir()
            shutil.chown(queue / name, "postfix", "postdrop")
            (queue / name).chmod(mode)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        shutil.chown(data, "postfix")

    def _main(self):
        return f"""
compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = {self._conf}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {self.log}
maillog_file_prefixes = /run
inet_interfaces = {self._address}
inet_protocols = ipv4
smtp_bind_address = {self._address}
mynetworks =
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
biff = no
smtpd_error_sleep_time = 0
default_process_limit = 30
smtpd_client_connection_count_limit = 0
"""

    def _services(self):
        listeners = [f"{self._address}:25 inet n - n - - smtpd"]
        if self._submission:
            login = " -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes -o smtpd_relay_restrictions=permit_sasl_authenticated,reject"
            listeners += [f"{self._address}:587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt" + login,
                          f"{self._address}:465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes" + login]
        return "\n".join(listeners) + """
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""
