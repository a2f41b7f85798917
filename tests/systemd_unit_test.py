#!/usr/bin/env python3
"""The daemon's systemd unit: systemd reads it without a word, and finds it as closed as it is meant to be.

usage: systemd_unit_test.py UNIT    exit status 77 where there is no systemd-analyze
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MOST_EXPOSED = 1.6  # of 10; what remains is the network, port 25 and the users' names


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def main(unit):
    if not shutil.which("systemd-analyze"):
        return 77
    with tempfile.TemporaryDirectory() as folder:
        # The program is not installed where tests run; all else of the line stays.
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text(), flags=re.MULTILINE)
        copy = pathlib.Path(folder, unit.name)
        copy.write_text(text)
        status, said = run("systemd-analyze", "verify", copy)
    complaints = [line for line in said.splitlines() if unit.name in line]
    if status != 0 or complaints:
        sys.exit("\n".join(complaints) or said)
    _, said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", said)
    if not found:
        sys.exit(f"systemd-analyze gives no level:\n{said}")
    if float(found.group(1)) > MOST_EXPOSED:
        sys.exit("\n".join(line for line in said.splitlines() if line.startswith("✗")) + f"\nexposure {found.group(1)}, not {MOST_EXPOSED}")
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
