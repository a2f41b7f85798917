"""Two nodes on one PostgreSQL send to one receiver: its limits hold for both together, and when one is killed the other gets all."""

import unittest

from lab import case, names, pace, postgres
from lab.sink import Sink
from lab.todoku import Todoku

CONNECTIONS, PER_SECOND = 8, 20
READERS, SITES = 400, 400  # batches of one mail, so that both nodes claim some
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ unsubscribe_url }}\n"}
SHAPING = f"""
[shaping."sink.test"]
connections = {CONNECTIONS}
mails_per_second = {PER_SECOND}
"""


class ClusterTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))
        cls.start(postgres.Postgres(cls.folder))
        cls.nodes = [cls.make_node(name) for name in ("a", "b")]

    @classmethod
    def make_node(cls, name):
        folder = cls.folder / name
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "todoku.toml").write_text(SHAPING)
        return Todoku(folder, **{"store.url": postgres.URL, "smtp.helo": f"{name}.origin.test", "serve.roles": "delivery",
                                 "delivery.expire": "2h", "log.level": "info"})

    def start_node(self, node):
        process = node.start("serve")
        self.addCleanup(lambda: process.poll() is None and (process.terminate(), process.wait(60)))
        return process

    def lay_down(self, name):
        node = self.nodes[1]
        node.import_contacts([{"email": f"{name}{number}@site{number % SITES}.sunk.test"} for number in range(READERS)], list_name=name)
        node.create_campaign(name, list_name=name, template=case.write_template(node.data, TEMPLATE, name))
        node.run("campaign", "send", name, "--no-wait")

    def mails(self, name):
        return [mail for mail in self.sink.mails() if mail["to"][0].startswith(name)]

    def check_limits(self, mails):
        self.assertLessEqual(pace.most_open(self.sink.events()), CONNECTIONS)
        # Two seconds more or less: what is begun evenly may arrive late on a busy machine.
        self.assertLessEqual(pace.most_in(mails, 8), 10 * PER_SECOND)

    def test_limits_hold_for_both_together(self):
        first, second = (self.start_node(node) for node in self.nodes)
        for node in self.nodes:
            self.wait_until(lambda: b"todoku: delivering" in (node.data.parent / "todoku.log").read_bytes(), "the nodes run")
        self.lay_down("both")
        self.wait_until(lambda: len(self.mails("both")) >= READERS / 2, "half of the mails", 60)
        shown = self.nodes[0].run("shaping", "show", "site1.sunk.test", "--format", "json").json()
        self.wait_until(lambda: len(self.mails("both")) == READERS, "all mails", 120)
        mails = self.mails("both")
        self.check_limits(mails)
        shares = {helo: sum(mail["helo"] == helo for mail in mails) for helo in ("a.origin.test", "b.origin.test")}
        print(f"both: {shares}, {READERS / (mails[-1]['at'] - mails[0]['at']):.1f} mails a second", flush=True)
        for helo, share in shares.items():
            self.assertGreater(share, READERS / 5, helo)
        self.assertEqual(len({mail["to"][0] for mail in mails}), READERS)
        cluster = shown["cluster"]
        self.assertEqual(len({part["node"] for part in cluster}), 2, cluster)
        for limit, most in (("connections", CONNECTIONS), ("mails_per_second", PER_SECOND)):
            self.assertLessEqual(sum(part["held"] for part in cluster if part["limit"] == limit), most, cluster)

        first.kill()  # kill -9: it cannot give anything back
        first.wait()
        self.lay_down("alone")
        self.wait_until(lambda: len(self.mails("alone")) == READERS, "all mails", 120)
        mails = self.mails("alone")
        self.check_limits(mails)
        last_half = mails[READERS // 2:]
        print(f"alone: {pace.rate(last_half):.1f} mails a second at the end", flush=True)
        self.assertGreater(pace.rate(last_half), 0.55 * PER_SECOND, "it has more than its half of before")
        second.terminate()
        self.assertEqual(second.wait(60), 0)


if __name__ == "__main__":
    case.main()
