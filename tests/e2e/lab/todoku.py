"""Drives the program under test as a person would: by its commands, on a data folder of its own."""

import csv
import dataclasses
import json
import os
import pathlib
import subprocess
import time

from . import names, namespace, newsletter

BINARY = pathlib.Path(os.environ.get("TODOKU_BINARY", namespace.SOURCE / "build" / "dev" / "todoku"))

SETTINGS = {
    "dns.stub": names.AUTHORITY,
    "dns.timeout": "3s",
    "smtp.helo": "mail.origin.test",
    "identity.bounce_domain": "origin.test",
    "identity.public_url": "https://news.origin.test",
    "delivery.retry_first": "1s",
    "delivery.retry_longest": "2s",
    "delivery.expire": "4s",
}


@dataclasses.dataclass
class Finished:
    """What one command did: its output, exit status, seconds and peak of resident memory in bytes."""

    status: int
    output: str
    errors: str
    seconds: float
    memory: int

    def json(self):
        return json.loads(self.output)


class Todoku:
    """`settings` by the names of the configuration file; they reach the program through its environment."""

    def __init__(self, folder, **settings):
        self.data = pathlib.Path(folder, "data")
        self._log = pathlib.Path(folder, "todoku.log")
        self._environment = {**os.environ, "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "quarantine_size_mb=16:detect_leaks=1"}
        self.set(**SETTINGS)
        self.set(**settings)

    def set(self, **settings):
        for name, value in settings.items():
            self._environment["TODOKU_" + name.replace(".", "_").upper()] = str(value)

    def use_clock(self, clock):
        """Runs by a WallClock from now on."""
        self._environment.update(clock.environment())

    def start(self, *arguments):
        """The running process, for tests that end it."""
        self._note(f"$ todoku {' '.join(map(str, arguments))} &")
        with open(self._log, "ab") as log:
            return subprocess.Popen(self._command(arguments), env=self._environment, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log)

    def run(self, *arguments, timeout=120, fails=False):
        """Runs one command to its end; an exit status other than 0 is an AssertionError unless `fails`."""
        done = self._run(arguments, timeout)
        if not fails and done.status != 0:
            raise AssertionError(f"todoku {' '.join(map(str, arguments))} ended with {done.status}:\n{done.errors}{done.output}")
        return done

    def _run(self, arguments, timeout):
        self._note(f"$ todoku {' '.join(map(str, arguments))}")
        begun = time.monotonic()
        with open(self._log.with_suffix(".out"), "w+b") as out, open(self._log.with_suffix(".err"), "w+b") as err:
            process = subprocess.Popen(self._command(arguments), env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            status, usage = _wait(process, timeout)
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        done = Finished(status, *texts, time.monotonic() - begun, usage.ru_maxrss * 1024)
        self._note(f"{done.output}{done.errors}[status {status}, {done.seconds:.2f} s, {done.memory >> 20} MB]")
        return done

    def import_contacts(self, rows, *, list_name, consent="opt-in form"):
        """`rows` are dicts of the same keys, written as CSV."""
        path = self._log.with_name(f"{list_name}.csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return self.run("contacts", "import", path, "--list", list_name, "--consent", consent)

    def create_campaign(self, name, *, list_name, template, sender="届く便り <news@origin.test>", fails=False):
        return self.run("campaign", "create", "--name", name, "--list", list_name, "--template", template, "--from", sender,
                        "--postal-address", newsletter.POSTAL_ADDRESS, "--contact", newsletter.CONTACT, fails=fails)

    def send(self, name, timeout=180):
        return self.run("campaign", "send", name, timeout=timeout)

    def status(self, name):
        return self.run("campaign", "status", name, "--format", "json").json()

    def _command(self, arguments):
        return [str(BINARY), "--data", str(self.data), *map(str, arguments)]

    def _note(self, text):
        with open(self._log, "a", encoding="utf-8") as log:
            log.write(text.rstrip("\n") + "\n")


def _wait(process, timeout):
    """(exit status, resource usage) of the process, which is killed when it takes longer than `timeout`."""
    deadline = time.monotonic() + timeout
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, usage
        if time.monotonic() > deadline:
            process.kill()
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = -9
            raise AssertionError(f"not finished after {timeout} s: {' '.join(process.args)}")
        time.sleep(0.005)
