#!/usr/bin/env python3
"""The program starts without the libraries that only some commands need (cmake/LateLibraries.cmake), and has them when
it comes to it: SQLite, PostgreSQL's client, ICU, OpenSSL.

usage: late_libraries_test.py build/dev/todoku
"""

import os
import re
import subprocess
import sys
import tempfile

AT_START = {"libboost_json", "libc", "libfmt", "libgcc_s", "libm", "libspdlog", "libstdc++", "libtomlplusplus",
            "libresolv"}  # the last is the sanitizers'
CYRILLIC = b"""From: MAILER-DAEMON@example.jp
Subject: Returned mail
Content-Type: text/plain; charset=windows-1251

<a@example.jp>: host mx.example.jp said: 550 5.1.1 User unknown \xcf\xf0
"""


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def main():
    todoku = os.path.abspath(sys.argv[1])
    needed = re.findall(r"\(NEEDED\).*\[(lib[^.\]]*)", run("readelf", "-d", todoku).decode())
    late = set(needed) - AT_START
    assert not late, f"needed at the start: {sorted(late)}"
    assert b'"user_unknown"' in run(todoku, "explain", "--format", "jsonl", "-", input=CYRILLIC)
    with tempfile.TemporaryDirectory() as folder:
        readers = os.path.join(folder, "readers.csv")
        with open(readers, "w") as out:
            out.write("email,name\nb@example.com,B\n")
        run(todoku, "--data", folder, "contacts", "import", "--list", "all", "--consent", "test", "--quiet", readers)
        assert b"all: 1" in run(todoku, "--data", folder, "contacts", "list")
        with open(os.path.join(folder, "todoku.toml"), "w") as out:
            out.write('[store]\nurl = "postgresql://nobody@127.0.0.1:1/nothing"\n')
        refused = subprocess.run([todoku, "--data", folder, "contacts", "list"], stderr=subprocess.PIPE)
        assert refused.returncode == 1 and b"127.0.0.1" in refused.stderr, refused.stderr


if __name__ == "__main__":
    main()
