"""One mail server in a closed network: names, receivers, the chroot, handing mails over, waiting for notices.

Runs as the first process of namespaces of its own (network, mounts, processes, host name), made by tests/make-bounces;
when it ends, the kernel ends what it started, and nothing outside is touched.
"""

import csv
import os
import smtplib
import socket
import subprocess
import tempfile
from pathlib import Path

from . import letters, names, peers
from .case import LOCAL_DOMAIN, LOCAL_HOST, LOCAL_IP, NOTICE_DOMAIN, Case, Fate, tag_of

COLLECTOR = "203.0.113.5"
NO_ANSWER = "198.51.100.9"  # packets to it vanish
NO_ROUTE = "198.51.100.130"
NO_LISTENER = "203.0.113.250"

# Neutral names: neither rules nor readers learn the cause from a domain.
_WORDS = """akane asagi ayame azami biwa botan chidori daichi ebisu fuji fukurou genji hagi hama hibari hinoki hotaru ibuki
inaho iris itsuki kaede kaki kamome karasu kasumi katsura kawasemi keyaki kiku kikyou kirin koharu komachi kosumosu kozue
kuina kunugi kurumi kusunoki maki matsuba midori mikan minato misaki mizuki momiji moegi nadeshiko nanten natsume nazuna
nemu nishiki ogi omoto onagadori oshidori renge rindou sakura sasa satsuki sazanka shion shirakaba suginami sumire suzuki
suzuran tachibana take tokiwa tsubaki tsubame tsuga tsukushi tsuru tsutsuji uguisu ume unkai wakaba wakame yamabuki
yamase yanagi yomogi yukari yuri yuzu zakuro zelkova aoi benibana dango emaki fusuma garasu hanabi ishi jasumin""".split()

_USERS = """tanaka yuki.sato k-suzuki haruka m.ito ken_watanabe nakamura aya.kobayashi t-kato shinji yoshida misa.yamada
sasaki ryo-inoue kimura n.hayashi saito07 a.matsumoto shimizu h-mori abe ikeda.jun okada anna.bauer j.schmidt m.dubois
o.garcia p.rossi l.jansen s.kowalska""".split()


def read_replies(mta_letter):
    """The scripted replies (replies.tsv) that this server is to meet: [(reason, stage, reply)]."""
    with open(Path(__file__).with_name("replies.tsv"), encoding="utf-8") as f:
        rows = csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(r["reason"], r["stage"], r["reply"].replace("\\n", "\n")) for r in rows if mta_letter in r["made_with"]]


class Lab:
    def __init__(self, mta, chroot):
        self.mta = mta
        self.zone = names.Zone()
        self.collector = peers.Collector()
        self.peers = []
        self.results = []  # (case, [notice])
        self.x_people = 0
        self.program = ["/usr/sbin/sendmail"]
        self.root = self._mount(chroot)
        self._network()

    # The closed world ------------------------------------------------------------------------------------------------

    def _mount(self, chroot):
        """A throw-away layer over the cached chroot, in a mount namespace of our own."""
        base = Path(tempfile.mkdtemp(prefix="todoku-bounces-"))
        self.scratch = base
        sh("mount", "-t", "tmpfs", "lab", base)
        for d in ("up", "work", "root", "tls"):
            (base / d).mkdir()
        sh("mount", "-t", "overlay", "lab", "-o", f"lowerdir={chroot},upperdir={base}/up,workdir={base}/work", base / "root")
        root = base / "root"
        sh("mount", "-t", "proc", "proc", root / "proc")
        self.write_to(root, "etc/resolv.conf", "nameserver 127.0.0.53\noptions timeout:1 attempts:1\n")
        self.write_to(root, "etc/hosts", f"127.0.0.1 localhost\n{LOCAL_IP} {LOCAL_HOST} mail\n")
        self.write_to(root, "etc/hostname", LOCAL_HOST + "\n")
        self.write_to(root, "etc/services", "domain 53/udp\nsmtp 25/tcp mail\nsubmission 587/tcp\n")
        self.write_to(root, "etc/mailname", LOCAL_DOMAIN + "\n")
        sh("chmod", "1777", root / "tmp")
        return root

    def _network(self):
        sh("hostname", LOCAL_HOST)
        for line in (
            "link set lo up", f"addr add {LOCAL_IP}/32 dev lo", f"route add local 203.0.113.0/24 dev lo src {LOCAL_IP}",
            "route add unreachable 198.51.100.128/25", "tuntap add tun0 mode tun", "link set tun0 up",
            "addr add 198.51.100.1/32 dev tun0", "route add 198.51.100.0/25 dev tun0",
        ):
            sh("ip", *line.split())
        zone = self.zone
        zone.host(LOCAL_HOST, LOCAL_IP)
        zone.add(LOCAL_DOMAIN, names.MX, (10, LOCAL_HOST))
        zone.mail_domain(NOTICE_DOMAIN, COLLECTOR)
        zone.mail_domain("moss.example", NO_LISTENER)
        zone.mail_domain("fern.example", NO_ANSWER)
        zone.mail_domain("reed.example", NO_ROUTE)
        zone.mail_domain("rush.example", LOCAL_IP)
        zone.add("sedge.example", names.MX, (0, ""))
        zone.add("lichen.example", names.MX, (10, "mx.gone.test"))
        zone.failing.add("clover.example")
        zone.silent.add("heather.example")

    @property
    def notices(self):
        return self.collector.notices

    def start_peers(self):
        names.serve(self.zone)
        peers.serve(self.peers, self.collector, COLLECTOR, self.scratch / "tls")

    def peer(self, stage="", reply="", extensions=()):
        """A new receiving domain with this script; its name."""
        number = len(self.peers)
        again = ("", "kita-", "minami-")[number // len(_WORDS)]
        domain = f"{again}{_WORDS[number % len(_WORDS)]}.{'test' if number % 4 == 3 else 'example'}"
        p = peers.Peer(domain, f"203.0.113.{10 + number}", stage, reply, extensions)
        self.peers.append(p)
        self.zone.mail_domain(p.domain, p.address)
        return domain

    def someone(self, domain):
        self.x_people += 1
        return f"{_USERS[self.x_people % len(_USERS)]}@{domain}"

    # Files and programs of the chroot --------------------------------------------------------------------------------

    @staticmethod
    def write_to(root, path, text, mode=0o644):
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        target.chmod(mode)

    def write(self, path, text, mode=0o644):
        self.write_to(self.root, path.lstrip("/"), text, mode)

    def run(self, *command, check=True, stdin=None):
        done = subprocess.run(["chroot", self.root, *command], input=stdin, capture_output=True, env=_ENV)
        if check and done.returncode:
            raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")
        return done

    def start(self, *command):
        log = open(self.scratch / "server.log", "ab")
        return subprocess.Popen(["chroot", self.root, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=_ENV)

    def user(self, *logins):
        for login in logins:
            self.run("useradd", "-m", "-s", "/bin/sh", login)

    # Mails -----------------------------------------------------------------------------------------------------------

    def reply_cases(self, letter, hidden=None):
        """A case for each scripted reply; `hidden(reply)` gives the reason that the notice shows where it differs."""
        cases = []
        for reason, stage, reply in read_replies(letter):
            to = self.someone(self.peer(stage, reply))
            shown = hidden(reply) if hidden else None
            fate = Fate(to, shown or reason, reason if shown else "")
            cases.append(Case(reason, [fate], f"receiver answers at {stage}: {reply.splitlines()[-1]}"))
        return cases

    def tag(self, case):
        number = sum(1 for c, _ in self.results if c.cause == case.cause)
        return tag_of(self.mta, case.cause, case.kind, str(number))

    def send(self, cases):
        """Hands every mail over; returns {tag: notices awaited}."""
        awaited = {}
        for case in cases:
            tag = self.tag(case)
            self.results.append((case, tag))
            awaited[tag] = case.notices
            mail = case.letter or letters.newsletter(len(self.results), tag, case.recipients[0], case.padding)
            sender = f"bounces+{tag}@{NOTICE_DOMAIN}"
            self._submit(case, sender, mail)
        return awaited

    def _submit(self, case, sender, mail):
        if not case.by_program:
            try:
                return self.by_smtp(case, sender, mail)
            except Refused as answer:  # what a server refuses in the session it bounces when a program hands it over
                print(f"{self.mta}: {case.cause} {case.recipients}: {answer}; handing it over by program", flush=True)
        self.by_program(case, sender, mail)

    def by_smtp(self, case, sender, mail):
        with smtplib.SMTP("127.0.0.1", 25, local_hostname="app.news.example", timeout=30) as s:
            s.ehlo()
            _expect(s.docmd(f"MAIL FROM:<{sender}>", " ".join(case.mail_options)))
            for rcpt in case.recipients:
                options = list(case.rcpt_options)
                if case.original_recipient:
                    options.append(f"ORCPT=rfc822;{rcpt.replace('@', '.old@').replace('+', '+2B')}")
                utf8 = f"RCPT TO:<{rcpt}> {' '.join(options)}".strip() + "\r\n"
                s.send(utf8.encode())
                _expect(s.getreply())
            _expect(s.data(mail))

    def by_program(self, case, sender, mail):
        command = [*self.program, "-i", "-f", sender, "--", *case.recipients]
        done = self.run(*command, check=False, stdin=mail.replace(b"\r\n", b"\n"))
        if done.returncode:  # some servers say so and send their notice all the same
            print(f"{self.mta}: sendmail ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}", flush=True)

    def collect(self, awaited, seconds, prod=None):
        print(f"{self.mta}: {len(awaited)} mails sent, waiting for their notices", flush=True)
        self.collector.wait(awaited, seconds, prod)


_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root", "TZ": "UTC"}


def sh(*command):
    subprocess.run([str(c) for c in command], check=True)


class Refused(Exception):
    pass


def _expect(answer):
    code, text = answer
    if code // 100 != 2:
        raise Refused(f"{code} {text.decode(errors='replace')}")


def wait_for_port(port=25, address="127.0.0.1", seconds=30):
    import time
    for _ in range(seconds * 10):
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing listens on {address}:{port}")
