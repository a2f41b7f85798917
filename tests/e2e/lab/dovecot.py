"""Dovecot: virtual users in Maildirs, delivered to by LMTP, with quotas; SASL for Postfix; read by IMAP and POP3."""

import shutil
import time

from .namespace import USERS
from .server import Server, accepts

MODULES = "/usr/lib/dovecot/modules"


class Dovecot(Server):
    """`users` maps an address to None, or to its quota in bytes. Mail arrives in maildir(address).

    With `certificate` (certificate, key) it is read by IMAP and POP3 at `address`, with TLS from the first byte or begun. With
    `oauth` (mechanisms, URL that tells whether a token is good) users sign in by access tokens as well.
    """

    PASSWORD = "kagi"

    def __init__(self, folder, users, name="dovecot", certificate=None, address="192.0.2.60", oauth=None):
        super().__init__(name, folder)
        self._oauth = oauth
        self._certificate, self._address = certificate, address
        self.lmtp = self.folder / "run" / "lmtp"
        self.sasl = self.folder / "run" / "sasl"
        self.quota_policy = self.folder / "run" / "quota-status"
        self._mail = self.folder / "mail"
        self._mail.mkdir()
        shutil.chown(self._mail, "vmail", "vmail")
        (self.folder / "users").write_text("".join(map(self._user, users.items())))
        (self.folder / "dovecot.conf").write_text(self._configuration())

    def start(self):
        return super().start(["dovecot", "-F", "-c", self.folder / "dovecot.conf"],
                             listens=[self.lmtp, self.sasl, self.quota_policy,
                                      *([(self._address, 993), (self._address, 110)] if self._certificate else [])])

    def stop(self):
        """Until its children hold the ports no longer."""
        super().stop()
        deadline = time.monotonic() + 10
        while self._certificate and accepts((self._address, 993)) and time.monotonic() < deadline:
            time.sleep(0.05)

    def maildir(self, address):
        local, domain = address.rsplit("@", 1)
        return self._mail / domain / local

    def _user(self, item):
        address, quota = item
        extra = f"userdb_quota_rule=*:bytes={quota}" if quota is not None else ""
        return f"{address}:{{PLAIN}}{self.PASSWORD}:{USERS['vmail']}:{USERS['vmail']}::::{extra}\n"

    def _tls(self):
        if not self._certificate:
            return "ssl = no"
        certificate, key = self._certificate
        return f"""ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
mail_max_userip_connections = 50
service imap-login {{
  chroot =
}}
service pop3-login {{
  chroot =
}}
"""

    def _tokens(self):
        if not self._oauth:
            return ""
        mechanisms, url = self._oauth
        settings = self.folder / "oauth2.conf.ext"
        settings.write_text(f"introspection_mode = post\nintrospection_url = {url}\nusername_attribute = email\n"
                            "active_attribute = active\nactive_value = true\n")
        return f"passdb {{\n  driver = oauth2\n  mechanisms = {mechanisms}\n  args = {settings}\n}}\n"

    def _configuration(self):
        return f"""
protocols = lmtp {"imap pop3" if self._certificate else ""}
listen = {self._address if self._certificate else "*"}
base_dir = {self.folder}/run
state_dir = {self.folder}/state
{self._tls()}
disable_plaintext_auth = no
log_path = {self.log}
mail_location = maildir:{self._mail}/%d/%n
mail_plugins = quota
mail_plugin_dir = {MODULES}
first_valid_uid = 1000
quota_full_tempfail = no
auth_mechanisms = plain login {self._oauth[0] if self._oauth else ""}
auth_failure_delay = 0
{self._tokens()}
passdb {{
  driver = passwd-file
  args = username_format=%u {self.folder}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {self.folder}/users
}}
plugin {{
  quota = maildir:User quota
  quota_rule = *:storage=100M
  quota_status_success = DUNNO
  quota_status_nouser = DUNNO
  quota_status_overquota = "552 5.2.2 Mailbox is full"
}}
service lmtp {{
  client_limit = 1
  process_limit = 8
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener sasl {{
    mode = 0666
  }}
}}
service anvil {{
  # No waiting longer after each wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service quota-status {{
  executable = quota-status -p postfix
  client_limit = 1
  unix_listener quota-status {{
    mode = 0666
  }}
}}
"""
