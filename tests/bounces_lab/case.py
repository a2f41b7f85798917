"""What one mail of the lab is sent for, and what the notice about it must be read as."""

import hashlib
import re
from dataclasses import dataclass, field

LOCAL_DOMAIN = "hoshi.example"  # the mail server under test serves it
LOCAL_HOST = "mail.hoshi.example"
LOCAL_IP = "192.0.2.25"
NOTICE_DOMAIN = "news.example"  # the return paths stand here; the collector serves it


@dataclass
class Fate:
    """One recipient that the notice must name, and the reason (a word of reasons.tsv) that its text gives.

    Where the server hides what really happened, `reason` is what the mail says and `true_cause` what was done.
    """

    address: str
    reason: str
    true_cause: str = ""


@dataclass
class Case:
    cause: str  # for the file's name
    fates: list
    how: str  # one line for the labels: what was done to get this notice
    kind: str = "bounce"
    also_to: list = field(default_factory=list)  # recipients that the notice says nothing about
    by_program: bool = False  # handed to sendmail(1) rather than by SMTP
    mail_options: list = field(default_factory=list)  # of MAIL FROM: RET, ENVID, SMTPUTF8
    rcpt_options: list = field(default_factory=list)  # of every RCPT TO: NOTIFY
    original_recipient: bool = False  # give ORCPT
    letter: bytes = b""  # the mail itself; empty: one of the newsletters
    padding: int = 0  # bytes to make it longer by
    notices: int = 1  # how many are awaited

    @property
    def recipients(self):
        return [f.address for f in self.fates] + self.also_to


def tag_of(*words):
    """A short name for these words that gives nothing away: a rule can't win by reading it."""
    digest = hashlib.sha256("/".join(words).encode()).hexdigest()
    return f"{int(digest[:10], 16):010x}"[-8:]


def file_name(mta, cause, number):
    return f"{mta}-{re.sub(r'[^a-z0-9]+', '-', cause.lower())}-{number:02d}.eml"
