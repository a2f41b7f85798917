"""Mails as they arrived in a Maildir, read by Python's email package."""

import email
import email.policy
import pathlib


def files(maildir):
    """The files of the mails in `maildir`, oldest first; an absent Maildir holds none."""
    return sorted(path for folder in ("new", "cur") for path in pathlib.Path(maildir, folder).glob("*"))


def messages(maildir):
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files(maildir)]
