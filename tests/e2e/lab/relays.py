"""Mail servers that relay for those who log in over TLS, at names.SMARTHOST: Postfix with Dovecot's SASL, and Exim."""

from . import names
from .dovecot import Dovecot
from .exim import Exim
from .postfix import Postfix

POSTFIX_USER = "sender@origin.test"


def start_postfix(start, folder, authority):
    """`start` is LabCase.start or start_here. Postfix on ports 587 (STARTTLS) and 465; the user is POSTFIX_USER with Dovecot.PASSWORD."""
    certificate, key = authority.issue("smarthost.test")
    sasl = start(Dovecot(folder, {POSTFIX_USER: None}, name="relay-sasl"))
    return start(Postfix(folder, names.SMARTHOST, submission=True, name="relay-postfix", settings=[
        "myhostname = smarthost.test", f"smtpd_tls_cert_file = {certificate}", f"smtpd_tls_key_file = {key}",
        "smtpd_sasl_type = dovecot", f"smtpd_sasl_path = {sasl.sasl}"]))


def start_exim(start, folder, authority, *, ports, mechanisms=("plain", "login"), name="relay-exim"):
    """Exim on `ports` (465 speaks TLS from the first byte); the user is Exim.USER with Exim.PASSWORD."""
    return start(Exim(folder, names.SMARTHOST, {"smarthost.test": []}, relay=True, ports=ports, mechanisms=mechanisms,
                           certificate=authority.issue("smarthost.test"), name=name))
