"""Two nodes that send to one receiver, whose limits hold for both together."""

from lab import case, names, pace
from lab.sink import Sink
from lab.todoku import Todoku

CONNECTIONS, PER_SECOND = 8, 20
READERS = 400  # of a campaign
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ unsubscribe_url }}\n"}
SHAPING = f"""
[shaping."sink.test"]
connections = {CONNECTIONS}
mails_per_second = {PER_SECOND}
"""


class NodesCase(case.LabCase):
    SITES = READERS  # domains of a campaign's readers

    @classmethod
    def start_lab(cls, shared, **settings):
        """`shared`: the server that the nodes share; `settings` name it to them."""
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))
        cls.shared = cls.start(shared)
        cls.nodes = [cls._make_node(name, settings) for name in ("a", "b")]

    @classmethod
    def _make_node(cls, name, settings):
        folder = cls.folder / name
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "todoku.toml").write_text(SHAPING)
        return Todoku(folder, **{"smtp.helo": f"{name}.origin.test", "serve.roles": "delivery", "delivery.expire": "2h",
                                 "log.level": "info", **settings})

    def start_nodes(self):
        processes = [node.start("serve") for node in self.nodes]
        for node, process in zip(self.nodes, processes):
            self.addCleanup(lambda process=process: process.poll() is None and (process.terminate(), process.wait(60)))
            self.wait_until(lambda: "todoku: delivering" in self.log(node), "the nodes run")
        return processes

    def log(self, node):
        return (node.data.parent / "todoku.log").read_text()

    def lay_down(self, node, name):
        node.import_contacts([{"email": f"{name}{number}@site{number % self.SITES}.sunk.test"} for number in range(READERS)], list_name=name)
        node.create_campaign(name, list_name=name, template=case.write_template(node.data, TEMPLATE, name))
        node.run("campaign", "send", name, "--no-wait")

    def mails(self, *lists):
        return [mail for mail in self.sink.mails() if mail["to"][0].startswith(lists)]

    def check_limits(self, mails):
        self.assertLessEqual(pace.most_open(self.sink.events()), CONNECTIONS)
        # Two seconds more or less: what is begun evenly may arrive late on a busy machine.
        self.assertLessEqual(pace.most_in(mails, 8), 10 * PER_SECOND)

    def check_shares(self):
        """What the nodes hold at this moment."""
        cluster = self.nodes[0].run("shaping", "show", "site1.sunk.test", "--format", "json").json()["cluster"]
        self.assertEqual(len({part["node"] for part in cluster}), 2, cluster)
        for limit, most in (("connections", CONNECTIONS), ("mails_per_second", PER_SECOND)):
            self.assertLessEqual(sum(part["held"] for part in cluster if part["limit"] == limit), most, cluster)

    def check_one_goes_on_alone(self, dies, lives):
        """The second node of two gets all when the first is killed."""
        dies.kill()  # kill -9: it cannot give anything back
        dies.wait()
        self.lay_down(self.nodes[1], "alone")
        self.wait_until(lambda: len(self.mails("alone")) == READERS, "all mails", 120)
        mails = self.mails("alone")
        self.check_limits(mails)
        last_half = mails[READERS // 2:]
        print(f"alone: {pace.rate(last_half):.1f} mails a second at the end", flush=True)
        self.assertGreater(pace.rate(last_half), 0.55 * PER_SECOND, "it has more than its half of before")
        lives.terminate()
        self.assertEqual(lives.wait(60), 0)
