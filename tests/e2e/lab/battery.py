"""The fault battery: campaigns that meet a fault while they are sent. For each case: how many mails, who was missed, how many
mails came twice and how many may have, and how long it took until the campaign was finished, by itself.

A mail may come twice only where its answer was lost: one for each connection that was open at a kill."""

import collections
import dataclasses
import pathlib
import random
import subprocess
import threading
import time

from . import case, names, postgres
from .clock import WallClock
from .faulty import Faulty
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
        self._servers = []
        self._threads = []

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
            happens()
        thread = threading.Thread(target=wait_and_do, daemon=True)
        thread.start()
        self._threads.append(thread)

    def figures(self, name, sink, bound, refused=0):
        """`refused`: for good, by the receiver."""
        seconds = time.monotonic() - self._begun
        times = collections.Counter(address for mail in sink.mails() for address in mail["to"])
        status = self.todoku.status("one")
        trouble = ""
        if (status["state"], status["waiting"], status["deferred"]) != ("finished", 0, 0):
            trouble = f"it is {status['state']}: {status['waiting']} wait, {status['deferred']} are deferred"
        elif status["failed"] != refused:
            trouble = f"{status['failed']} failed, {refused} were refused"
        missing = len(set(self.addresses) - set(times)) - refused
        return Figures(name, self.mails, missing, sum(count - 1 for count in times.values()), bound, seconds, trouble)


def kill(place):
    """kill -9 at random moments, then on to the end."""
    kills = 5 if place.short else 50
    sink = place.start(Sink(place.folder, names.SINK))
    place.campaign(8)
    chance = random.Random(SEED)
    running = 0
    for _ in range(kills):
        running += _send_and_kill(place, sink, kills, chance)
    place.todoku.send("one", timeout=900)
    lost = sum(event.get("how") == "lost" for event in sink.events()) - 1  # one is the lab's own look at the port
    figures = place.figures("kill", sink, lost)
    if running < kills:
        figures.trouble = f"{kills - running} kills came too late"
    return figures


def _send_and_kill(place, sink, kills, chance):
    before = len(sink.mails())
    wanted = before + chance.randrange(1, place.mails // kills - 20) if chance.random() < 0.8 else before
    process = place.todoku.start("campaign", "send", "one")
    deadline = time.monotonic() + 60
    while wanted > before and len(sink.mails()) < wanted and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(chance.uniform(0, 0.02 if wanted > before else 0.5))
    running = process.poll() is None
    process.kill()
    process.wait()
    while True:
        kinds = collections.Counter(event["event"] for event in sink.events())
        if kinds["open"] == kinds["close"]:
            return running
        time.sleep(0.01)


def receiver(place):
    """Hangs up, stalls, and refuses for now and for good, at every state of SMTP."""
    times = 1 if place.short else 3
    sink = place.start(Faulty(place.folder, names.SINK, times))
    place.campaign(50)
    place.todoku.send("one", timeout=900)
    had = collections.Counter((fault["state"], fault["kind"]) for fault in sink.faults())
    refused = sum(had[(state, "permanent")] for state in ("mail", "rcpt", "data", "end"))
    return place.figures("receiver", sink, had[("after", "close")] + had[("after", "stall")], refused)


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
    place.todoku.send("one", timeout=900)
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
    place.todoku.send("one", timeout=900)
    return place.figures("clock", sink, 0)


def disk(place):
    """No room on the disk of the data folder, for a while."""
    sink = place.start(Sink(place.folder, names.SINK))
    data = place.folder / "data"
    data.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=700", "tmpfs", str(data)], check=True)
    try:
        place.campaign(50)
        filler = data / "filler"
        stood = []

        def fill():
            with open(filler, "wb") as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                        file.flush()
                except OSError:
                    pass
            time.sleep(1)
            first = len(sink.mails())
            time.sleep(1 if place.short else 10)
            stood.append(len(sink.mails()) == first)
            filler.unlink()
        place.when(sink, 0.2, fill)
        place.todoku.send("one", timeout=900)
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
    place.todoku.send("one", timeout=900)
    return place.figures("database", sink, 0)


CASES = {function.__name__: function for function in (kill, receiver, dns, clock, disk, database)}


def run(name, folder, name_server, mails, short=False):
    """One case; what breaks is its trouble."""
    place = Place(pathlib.Path(folder, name), name_server, mails, short)
    try:
        return CASES[name](place)
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        return Figures(name, mails, mails, 0, 0, 0.0, str(error).strip().splitlines()[-1])
    finally:
        place.stop()
