"""Zones signed by ldns, the TLSA records of certificates, and forgeries of both."""

import hashlib
import pathlib
import re
import subprocess


def sign(folder, origin, zone):
    """(the signed zone's file, the trust anchor's file)."""
    folder = pathlib.Path(folder, f"signed-{origin}")
    folder.mkdir()
    key = _run(folder, "ldns-keygen", "-r", "/dev/urandom", "-k", "-a", "ECDSAP256SHA256", origin).strip()
    (folder / "zone").write_text(zone)
    _run(folder, "ldns-signzone", "-f", "zone.signed", "-o", origin, "zone", key)
    return folder / "zone.signed", folder / f"{key}.key"


def forge(zone_file, name):
    """Changes the last digits of the TLSA record at `name` behind its signature's back."""
    text = zone_file.read_text()
    forged, count = re.subn(rf"(?m)^({re.escape(name)}\.\s.*\sTLSA\s.*?)([0-9a-fA-F]{{4}})$",
                            lambda found: found[1] + ("0000" if found[2] != "0000" else "1111"), text)
    if count != 1:
        raise AssertionError(f"{count} TLSA records at {name}")
    zone_file.write_text(forged)


def tlsa(usage, selector, certificate):
    """"3 1 1 …" of a certificate's file: SHA-256 of all of it (selector 0) or of its public key (1)."""
    if selector == 0:
        der = subprocess.run(["openssl", "x509", "-in", certificate, "-outform", "DER"], check=True, capture_output=True).stdout
    else:
        key = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True).stdout
        der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key, check=True, capture_output=True).stdout
    return f"{usage} {selector} 1 {hashlib.sha256(der).hexdigest()}"


def _run(folder, *command):
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
