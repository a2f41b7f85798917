"""Exim with its own configuration and spool: delivers into Maildirs; can ask for a login by AUTH PLAIN and LOGIN over TLS."""

import shutil
import subprocess

from .server import Server


AUTHENTICATORS = {"plain": """
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{@USER@}}{eq{$auth3}{@PASSWORD@}}}}
  server_set_id = $auth2
""", "login": """
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{@USER@}}{eq{$auth2}{@PASSWORD@}}}}
  server_set_id = $auth1
"""}


class Exim(Server):
    """`users` maps a domain to its local parts. Everything runs as one user, so that no set-uid program is needed."""

    USER = "kaiin"
    PASSWORD = "himitsu"

    def __init__(self, folder, address, users, *, size_limit="50M", certificate=None, relay=False, ports="25",
                 mechanisms=("plain", "login"), line_limit=998, name="exim"):
        super().__init__(name, folder)
        self._address = address
        self._ports = ports
        self._line_limit = line_limit  # octets; longer lines are refused, as Debian's configuration does
        for part in ("spool", "mail", "log"):
            (self.folder / part).mkdir()
            shutil.chown(self.folder / part, "Debian-exim", "Debian-exim")
        self.log = self.folder / "log" / "mainlog"
        addresses = [f"{local}@{domain}" for domain, locals_ in users.items() for local in locals_]
        (self.folder / "users").write_text("".join(f"{address}\n" for address in addresses))
        tls = f"tls_certificate = {certificate[0]}\ntls_privatekey = {certificate[1]}\ntls_on_connect_ports = 465\n" if certificate else ""
        authenticators = "".join(AUTHENTICATORS[name] for name in mechanisms)
        authenticators = authenticators.replace("@USER@", self.USER).replace("@PASSWORD@", self.PASSWORD)
        (self.folder / "exim.conf").write_text(
            self._configuration(" : ".join(users), size_limit, tls, relay, authenticators))

    def start(self):
        return super().start(["exim4", "-C", self.folder / "exim.conf", "-bdf"],
                             listens=[(self._address, int(port)) for port in self._ports.split(":")])

    def run_queue(self):
        """Delivers what waits, bounces of its own among it, at once."""
        subprocess.run(["exim4", "-C", self.folder / "exim.conf", "-qff"], check=True)

    def maildir(self, address):
        local, domain = address.rsplit("@", 1)
        return self.folder / "mail" / domain / local

    def _configuration(self, domains, size_limit, tls, relay, authenticators):
        advertise = "auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}" if relay else "auth_advertise_hosts ="
        router = "relay:\n  driver = dnslookup\n  domains = ! +ours\n  transport = remote\n" if relay else ""
        return f"""
primary_hostname = mx.exim.test
spool_directory = {self.folder}/spool
log_file_path = {self.folder}/log/%slog
pid_file_path = {self.folder}/exim.pid
local_interfaces = <; {self._address}
daemon_smtp_ports = {self._ports}
exim_user = Debian-exim
exim_group = Debian-exim
deliver_drop_privilege = true
never_users =
message_size_limit = {size_limit}
smtputf8_advertise_hosts = *
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
queue_run_max = 1
rfc1413_query_timeout = 0s
host_lookup =
keep_environment =
log_selector = +smtp_confirmation
{tls}{advertise}
tls_advertise_hosts = {'*' if tls else ''}
domainlist ours = {domains}
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
begin acl
check_data:
  deny condition = ${{if >{{$max_received_linelength}}{{{self._line_limit}}}}}
    message = maximum allowed line length is {self._line_limit} octets, got $max_received_linelength
  accept
check_rcpt:
  accept authenticated = *
  require message = relay not permitted
    domains = +ours
  require message = Unknown user
    verify = recipient
  accept
begin routers
{router}ours:
  driver = accept
  domains = +ours
  local_parts = ${{lookup{{$local_part@$domain}}lsearch{{{self.folder}/users}}{{$local_part}}}}
  address_data = ${{lookup{{$local_part@$domain}}lsearch,ret=key{{{self.folder}/users}}}}
  transport = maildirs
begin transports
maildirs:
  driver = appendfile
  maildir_format
  directory = {self.folder}/mail/${{domain:$address_data}}/${{local_part:$address_data}}
  create_directory
  delivery_date_add
  envelope_to_add
  return_path_add
remote:
  driver = smtp
  interface = {self._address}
begin authenticators
{authenticators}begin retry
* * F,2h,1s
"""
