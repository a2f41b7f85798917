"""The fault battery: campaigns that meet a fault while they are sent. For each case: how many mails, who was missed, how many
mails came twice and how many may have, and how long it took until the campaign was finished, by itself.

A mail may come twice only where its answer was lost: one for each connection that was open at a kill."""

import collections
import dataclasses
import errno
import pathlib
import random
import subprocess
import threading
import time

from . import case, faulty, names, postgres, torn_tls
from .authority import Authority
from .clock import WallClock
from .greylisting import Greylisting
from .sink import Sink
from .todoku import Todoku

SEED = 20_260_401
HOURS = 3 * 3600
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ contact.name }} 様\n\nこんにちは。\n{{ unsubscribe_url }}\n"}
SETTINGS = {"delivery.expire": "2h", "delivery.retry_first": "1s", "delivery.retry_longest": "1s", "dns.timeout": "2s",
            "smtp.timeout_connect": "2s", "smtp.timeout_greeting": "2s", "smtp.timeout_command": "1s", "smtp.timeout_data": "1s"}


@dataclasses.dataclass
class Figures:
    case: str
    mails: int
    missing: int
    repeats: int
    bound: int
    seconds: float
    trouble: str = ""

    def good(self):
        return self.missing == 0 and self.repeats <= self.bound and not self.trouble


class Place:
    """A campaign in a folder of its own, and whatever a case starts for it, which stop() ends."""

    def __init__(self, folder, name_server, mails, short):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.name_server = name_server
        self.mails = mails
        self.short = short
        self.patience = 240 if short else 900  # seconds until a send that does not end is given up
        self._servers = []
        self._threads = []
        self._broken = []

    def start(self, server):
        server.start()
        self._servers.append(server)
        return server

    def stop(self):
        for thread in self._threads:
            thread.join(5)
        for server in reversed(self._servers):
            server.stop()

    def campaign(self, sites, **settings):
        self.addresses = [f"reader{number}@site{number % sites}.sunk.test" for number in range(self.mails)]
        self.todoku = Todoku(self.folder, **{**SETTINGS, **settings})
        self.todoku.import_contacts([{"email": address, "name": "読者"} for address in self.addresses], list_name="everybody")
        self.todoku.create_campaign("one", list_name="everybody", template=case.write_template(self.folder, TEMPLATE))
        self._begun = time.monotonic()

    def when(self, sink, share, happens):
        """Does it in a thread of its own as soon as that share of the mails has come."""
        def wait_and_do():
            while len(sink.mails()) < share * self.mails:
                time.sleep(0.005)
            try:
                happens()
            except (OSError, AssertionError, subprocess.SubprocessError) as error:
                self._broken.append(f"the fault itself failed: {error}")
        thread = threading.Thread(target=wait_and_do, daemon=True)
        thread.start()
        self._threads.append(thread)

    def broken(self):
        """Why the fault did not happen as it should have, or ""."""
        return "; ".join(self._broken)

    def figures(self, name, sink, bound, refused=0):
        """`refused`: for good, by the receiver."""
        seconds = time.monotonic() - self._begun
        times = collections.Counter(address for mail in sink.mails() for address in mail["to"])
        status = self.todoku.status("one")
        trouble = ""
        if (status["state"], status["waiting"], status["deferred"]) != ("finished", 0, 0):
            trouble = f"it is {status['state']}: {status['waiting']} wait, {status['deferred']} are deferred"
        elif self._broken:
            trouble = self.broken()
        elif status["failed"] != refused:
            trouble = f"{status['failed']} failed, {refused} were refused"
        missing = len(set(self.addresses) - set(times)) - refused
        return Figures(name, self.mails, missing, sum(count - 1 for count in times.values()), bound, seconds, trouble)


def kill(place):
    """kill -9 at random moments, then on to the end."""
    kills = 5 if place.short else 50
    place.mails = max(place.mails, 1_000 * kills)  # some hundred are through before each
    sink = place.start(Sink(place.folder, names.SINK))
    place.campaign(8)
    chance = random.Random(SEED)
    running = 0
    for _ in range(kills):
        running += _send_and_kill(place, sink, kills, chance)
    if place.todoku.status("one")["state"] != "finished":
        place.todoku.send("one", timeout=place.patience)
    figures = place.figures("kill", sink, _lost(sink))
    if running < kills:
        figures.trouble = f"{kills - running} kills came too late"
    return figures


def _send_and_kill(place, sink, kills, chance):
    before = len(sink.mails())
    wanted = before + chance.randrange(1, place.mails // kills // 2) if chance.random() < 0.8 else before
    process = place.todoku.start("campaign", "send", "one")
    deadline = time.monotonic() + 60
    while wanted > before and len(sink.mails()) < wanted and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.02 if wanted > before else 0.2))
    running = process.poll() is None
    process.kill()
    process.wait()
    while True:
        kinds = collections.Counter(event["event"] for event in sink.events())
        if kinds["open"] == kinds["close"]:
            return running
        time.sleep(0.01)


def _lost(sink):
    """Connections that ended without QUIT."""
    return sum(event.get("how") == "lost" for event in sink.events()) - 1  # one is the lab's own look at the port


def receiver(place):
    """Hangs up, stalls, and refuses for now and for good, at every state of SMTP."""
    times = 1 if place.short else 3
    sink = place.start(faulty.Faulty(place.folder, names.SINK, times))
    had = _meet(place, sink, faulty.FAULTS, times)
    refused = sum(had[(state, "permanent")] for state in ("mail", "rcpt", "data", "end"))
    return place.figures("receiver", sink, had[("after", "close")] + had[("after", "stall")], refused)


def tls(place):
    """STARTTLS is refused; the handshake, or the encrypted session at every state, is cut off, stalls or turns to garbage."""
    times = 1 if place.short else 3
    sink = place.start(torn_tls.TornTls(place.folder, names.SINK, times, Authority(place.folder)))
    had = _meet(place, sink, torn_tls.FAULTS, times)
    return place.figures("tls", sink, sum(had[("after", kind)] for kind in torn_tls.BREAKS))


def _meet(place, sink, faults, times):
    """Sends to a server with faults; how often each was had."""
    place.campaign(50)
    place.todoku.send("one", timeout=place.patience)
    had = collections.Counter((fault["state"], fault["kind"]) for fault in sink.faults())
    missed = [" ".join(fault) for fault in faults if had[fault] < times]
    if missed:
        raise AssertionError(f"over before these faults: {', '.join(missed)}")
    return had


def dns(place):
    """No name server for a minute."""
    dead = 3 if place.short else 60
    sink = place.start(Sink(place.folder, names.SINK))
    # More sites than can be looked up in advance, however late the name server dies.
    place.campaign(min(place.mails, 6_000), **{"delivery.retry_first": "5s", "delivery.retry_longest": "5s"})

    def die():
        place.name_server.stop()
        time.sleep(dead)
        place.name_server.start()
    place.when(sink, 0.1, die)
    place.todoku.send("one", timeout=place.patience)
    figures = place.figures("dns", sink, 0)
    if figures.seconds < dead:
        figures.trouble = "over before the name server was back"
    return figures


def clock(place):
    """The wall clock is set three hours forward and back."""
    sink = place.start(Greylisting(place.folder, names.SINK))
    place.campaign(50)
    wall = WallClock(place.folder)
    place.todoku.use_clock(wall)

    def jump():
        for ahead in (HOURS, -HOURS, 0, -HOURS, HOURS):
            wall.set(ahead)
            time.sleep(0.2 if place.short else 1)
    place.when(sink, 0.1, jump)
    place.todoku.send("one", timeout=place.patience)
    return place.figures("clock", sink, 0)


def disk(place):
    """No room on the disk of the data folder, for a while."""
    place.mails = max(place.mails, 10_000)  # the database's log has room for some thousand outcomes
    sink = place.start(Sink(place.folder, names.SINK))
    data = place.folder / "data"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", str(data)], check=True)
    try:
        place.campaign(50)
        filler = data / "filler"
        stood = []

        def fill():
            with open(filler, "wb", buffering=0) as file:  # else close() has a rest to write, and fails as well
                try:
                    while True:
                        file.write(bytes(1 << 16))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
            last, now = -1, len(sink.mails())
            while now != last and now < place.mails:
                time.sleep(1)
                last, now = now, len(sink.mails())
            time.sleep(1 if place.short else 10)
            stood.append(len(sink.mails()) == now < place.mails)
            filler.unlink()
        place.when(sink, 0.2, fill)
        place.todoku.send("one", timeout=place.patience)
        figures = place.figures("disk", sink, 0)
        if stood != [True]:
            figures.trouble = "it sent on, or was over, while the disk was full"
        return figures
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=True)


def database(place):
    """PostgreSQL falls and comes back."""
    falls = 1 if place.short else 3
    sink = place.start(Sink(place.folder, names.SINK))
    server = place.start(postgres.Postgres(place.folder))
    place.campaign(50, **{"store.url": postgres.URL})

    def fall():
        for _ in range(falls):
            server.fall()
            time.sleep(2)
            server.start()
            time.sleep(1)
    place.when(sink, 0.1, fall)
    place.todoku.send("one", timeout=place.patience)
    return place.figures("database", sink, 0)


def standby(place):
    """An empty server takes the place of PostgreSQL: the send stops and says so, and goes on once the right one is back."""
    sink = place.start(Sink(place.folder, names.SINK))
    server = place.start(postgres.Postgres(place.folder))
    empty = postgres.Postgres(place.folder, "empty")
    place.campaign(50, **{"store.url": postgres.URL, "delivery.lease": "2s"})

    def replace():
        server.fall()
        empty.start()
    place.when(sink, 0.2, replace)
    stopped = place.todoku.run("campaign", "send", "one", timeout=120, fails=True)
    tables = empty.query("select count(*) from pg_tables where schemaname = 'public'")
    empty.stop()
    server.start()
    place.todoku.send("one", timeout=place.patience)
    figures = place.figures("standby", sink, _lost(sink))
    if stopped.status == 0 or "another database" not in stopped.errors:
        figures.trouble = f"did not say why it stopped: {stopped.errors.strip()}"
    elif tables != "0":
        figures.trouble = f"wrote {tables} tables to the empty server"
    return figures


def nodes(place):
    """Two nodes on one PostgreSQL; one or the other is killed again and again."""
    kills = 2 if place.short else 10  # after each, the dead node's connections are nobody's for 15 s
    sink = place.start(Sink(place.folder, names.SINK))
    place.start(postgres.Postgres(place.folder))
    place.campaign(50, **{"store.url": postgres.URL, "delivery.lease": "2s"})
    running = [place.todoku.start("campaign", "send", "one") for _ in range(2)]
    met = 0
    for kill_number in range(kills):
        wanted = (kill_number + 1) * place.mails // (kills + 2)
        while len(sink.mails()) < wanted and any(node.poll() is None for node in running):
            time.sleep(0.002)
        dies = running[kill_number % 2]
        met += dies.poll() is None
        dies.kill()
        dies.wait()
        running[kill_number % 2] = place.todoku.start("campaign", "send", "one")
    for node in running:
        node.wait(place.patience)
    figures = place.figures("nodes", sink, _lost(sink))
    if met < kills:
        figures.trouble = f"{kills - met} kills came too late"
    return figures


CASES = {function.__name__: function for function in (kill, receiver, tls, dns, clock, disk, database, standby, nodes)}


def run(name, folder, name_server, mails, short=False):
    """One case; what breaks is its trouble."""
    place = Place(pathlib.Path(folder, name), name_server, mails, short)
    try:
        return CASES[name](place)
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return Figures(name, mails, mails, 0, 0, 0.0, place.broken() or str(error).strip().splitlines()[-1])
    finally:
        place.stop()
