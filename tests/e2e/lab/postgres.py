"""A PostgreSQL server that can fall over, and an empty one to take its place."""

import glob
import os
import pwd
import signal
import subprocess
import time

from .server import NotReady, Server

PORT = "5432"
ADDRESS = "127.0.0.57"
URL = f"postgresql://todoku@{ADDRESS}/todoku"


class Postgres(Server):
    """Durable as in earnest, for the sake of what survives a fall. As root it runs as the user postgres."""

    def __init__(self, folder, name="postgres", environment=None):
        super().__init__(name, folder)
        self._environment = environment
        self._programs = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self._data = self.folder / "data"
        self._account = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for parent in self.folder.parents:
                if os.stat(parent).st_mode & 0o005 != 0o005:
                    os.chmod(parent, 0o755)
        self._do("initdb", "-D", self._data, "-U", "todoku", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-instructions")
        self._made = False

    def _command(self):
        command = [f"{self._programs}/postgres", "-D", self._data, "-p", PORT, "-k", self.folder, "-c", f"listen_addresses={ADDRESS}",
                   "-c", "max_connections=50"]
        if not self._account:
            return command
        return ["setpriv", f"--reuid={self._account['user']}", f"--regid={self._account['group']}", "--clear-groups", *command]

    def start(self):
        super().start(self._command(), listens=[(ADDRESS, int(PORT))], environment=self._environment)
        deadline = time.monotonic() + 30
        while subprocess.run([f"{self._programs}/pg_isready", "-q", "-h", ADDRESS, "-p", PORT]).returncode != 0:
            if time.monotonic() > deadline:
                raise NotReady(f"{self.name} does not come up:\n{self._tail()}")
            time.sleep(0.05)
        if not self._made:
            self._do("createdb", "-h", self.folder, "-p", PORT, "-U", "todoku", "todoku")
            self._made = True
        return self

    def stop(self):
        """In order, without waiting for its clients."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(20)

    def fall(self):
        """At once, as at a crash."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(20)

    def cut_clients(self):
        return self.query("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'todoku' and pid <> pg_backend_pid()")

    def query(self, sql):
        return self._do("psql", "-h", self.folder, "-p", PORT, "-U", "todoku", "-Atc", sql, "todoku").strip()

    def _do(self, program, *arguments):
        done = subprocess.run([f"{self._programs}/{program}", *map(str, arguments)], capture_output=True, text=True, cwd=self.folder,
                              **self._account)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}{done.stdout}")
        return done.stdout
