"""A machine of its own for one test: network, mounts and processes.

enter() runs the calling program again inside new namespaces and returns only there. Inside:
- the only network is loopback, with all of 192.0.2.0/24 as addresses to listen on; every port is free, 25 and 53 too;
- the servers of `tests/e2e/setup` are laid over /usr, and the users they need stand in /etc/passwd;
- the program is process 1, so that whatever it started ends when it ends, however it ends.
Nothing of this can be seen from outside, and nothing outside is changed. Works as root; as a normal user where the kernel
allows user namespaces and /etc/subuid gives the user a range. Otherwise ends with a message that says what is missing.
"""

import os
import pathlib
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[3]
LAB = pathlib.Path(os.environ.get("TODOKU_LAB", SOURCE / "build" / "lab"))
ROOT = LAB / "root"

# Numbers that no Debian package takes; users and groups of the same name.
USERS = {"postfix": 61180, "dovecot": 61181, "dovenull": 61182, "nsd": 61183, "Debian-exim": 61184, "vmail": 61185}
GROUPS = {**USERS, "postdrop": 61189}

_INSIDE = "TODOKU_LAB_INSIDE"


def enter():
    """Returns inside the namespaces; the first call replaces this process with `unshare … this program`."""
    if os.environ.get(_INSIDE) == "1":
        os.environ.pop(_INSIDE)
        _furnish()
        return
    if not (ROOT / ".complete").exists():
        sys.exit(f"The servers for the end-to-end tests are not there yet. Run tests/e2e/setup first (it fills {LAB}).")
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user", "--map-auto"]
    _try(command)
    os.environ[_INSIDE] = "1"
    os.execvp(command[0], command + [sys.executable, *sys.argv])


def _try(command):
    trial = subprocess.run(command + ["true"], capture_output=True, text=True)
    if trial.returncode == 0:
        return
    hint = "Run as root, in a container with --privileged."
    if os.geteuid() != 0:
        hint = ("Run with sudo, or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1), install uidmap and give"
                " this user a range in /etc/subuid and /etc/subgid.")
    sys.exit(f"Cannot make namespaces for the servers: {trial.stderr.strip()}\n{hint}")


def _furnish():
    os.umask(0o022)
    _run("mount", "--make-rprivate", "/")
    _run("mount", "-t", "overlay", "overlay", "-o", f"ro,lowerdir={ROOT}/usr:/usr", "/usr")
    shared = pathlib.Path("/run")
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(shared))
    etc = shared / "lab-etc"
    etc.mkdir()
    for name, lines in (("passwd", _passwd()), ("group", _group()), ("resolv.conf", ["nameserver 127.0.0.53"]),
                        ("hosts", ["127.0.0.1 localhost"]), ("nsswitch.conf", _switch())):
        (etc / name).write_text("\n".join(lines) + "\n")
        _run("mount", "--bind", str(etc / name), str(pathlib.Path("/etc", name).resolve()))
    _run("ip", "link", "set", "lo", "up")
    # Each by itself, since Postfix takes only addresses that stand at an interface.
    addresses = "".join(f"address add 192.0.2.{last}/24 dev lo\n" for last in range(1, 100))
    subprocess.run(["ip", "-batch", "-"], input=addresses, text=True, check=True)


def _passwd():
    lines = pathlib.Path("/etc/passwd").read_text().splitlines()
    kept = [line for line in lines if line.split(":")[0] not in USERS]
    return kept + [f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin" for name, number in USERS.items()]


def _group():
    lines = pathlib.Path("/etc/group").read_text().splitlines()
    kept = [line for line in lines if line.split(":")[0] not in GROUPS]
    return kept + [f"{name}:x:{number}:" for name, number in GROUPS.items()]


def _switch():
    return ["passwd: files", "group: files", "shadow: files", "hosts: files dns", "services: files", "protocols: files"]


def _run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"Cannot furnish the test's namespace: {' '.join(command)}: {done.stderr.strip()}")


def require(*programs):
    """Ends with a message if a program that the test drives is missing."""
    for program in programs:
        if not shutil.which(str(program)):
            sys.exit(f"{program} is missing: build it (ninja -C build/dev), or run tests/e2e/setup.")
