"""Mails as they arrived in a Maildir, read by Python's email package."""

import email
import email.policy
import hashlib
import pathlib


def files(maildir):
    """The files of the mails in `maildir`, oldest first; an absent Maildir holds none."""
    return sorted(path for folder in ("new", "cur") for path in pathlib.Path(maildir, folder).glob("*"))


def messages(maildir):
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files(maildir)]


def described(path):
    """The mail in the words of tests/maildump.cc: every header decoded, every part with the digest of its content."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    return {"headers": [[name, str(value)] for name, value in mail.items()], "parts": [_part(part) for part in parts]}


def _part(part):
    return {"type": part.get_content_type(), "charset": part.get_content_charset() or "",
            "disposition": part.get_content_disposition() or "", "filename": part.get_filename() or "",
            "id": (part["content-id"] or "").strip("<>"), "sha256": hashlib.sha256(part.get_payload(decode=True)).hexdigest()}
