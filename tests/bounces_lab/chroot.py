"""A minimal Debian for each mail server, made once and kept outside the tree."""

import os
import shutil
import subprocess
from pathlib import Path

SUITE = "bookworm"

PACKAGES = {
    "postfix": ["postfix"],
    "exim": ["exim4-daemon-light"],
    "opensmtpd": ["opensmtpd"],
    "sendmail": ["sendmail-bin", "sensible-mda", "procmail", "m4"],
    "courier": ["courier-mta"],
    "nullmailer": ["nullmailer"],
    "dma": ["dma"],
    "dovecot": ["dovecot-core", "dovecot-sieve"],
}


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "todoku-bounces"


def _install_tools():
    missing = [p for p, tool in (("mmdebstrap", "mmdebstrap"), ("iproute2", "ip"), ("openssl", "openssl"))
               if not shutil.which(tool)]
    if missing:
        print("installing", *missing, flush=True)
        subprocess.run(["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *missing],
                       check=True, stdout=subprocess.DEVNULL)


def ensure(mta):
    """The folder of this server's system; takes a minute or two the first time."""
    _install_tools()
    folder = cache() / mta
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = folder.with_name(mta + ".part")
    shutil.rmtree(part, ignore_errors=True)
    print(f"{mta}: making a chroot with {' '.join(PACKAGES[mta])} in {folder}", flush=True)
    sources = [str(p) for p in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
               if p.is_file() and p.stat().st_size][:1]
    subprocess.run(["nice", "mmdebstrap", "--quiet", "--variant=minbase", '--aptopt=Acquire::Check-Valid-Until "false"',
                    "--include=" + ",".join(PACKAGES[mta]), SUITE, str(part), *sources], check=True)
    part.rename(folder)
    return folder
