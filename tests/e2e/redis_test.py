"""Two nodes, each with a SQLite of its own, share one receiver's limits through a Redis that falls over midway with all it knew."""

from lab import case, names, pace
from lab.redis import PASSWORD, URL, Redis
from lab.sink import Sink
from lab.todoku import Todoku

CONNECTIONS, PER_SECOND = 8, 20
READERS, SITES = 400, 40
TEMPLATE = {"subject.txt": "お知らせ\n", "body.txt": "{{ unsubscribe_url }}\n"}
SHAPING = f"""
[shaping."sink.test"]
connections = {CONNECTIONS}
mails_per_second = {PER_SECOND}
"""


class RedisTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder))
        cls.sink = cls.start(Sink(cls.folder, names.SINK))
        cls.redis = cls.start(Redis(cls.folder))
        cls.nodes = [cls.make_node(name) for name in ("a", "b")]

    @classmethod
    def make_node(cls, name):
        folder = cls.folder / name
        (folder / "data").mkdir(parents=True)
        (folder / "data" / "todoku.toml").write_text(SHAPING)
        return Todoku(folder, **{"cluster.redis": URL, "smtp.helo": f"{name}.origin.test", "serve.roles": "delivery",
                                 "delivery.expire": "2h", "log.level": "info"})

    def start_node(self, node):
        process = node.start("serve")
        self.addCleanup(lambda: process.poll() is None and (process.terminate(), process.wait(60)))
        return process

    def log(self, node):
        return (node.data.parent / "todoku.log").read_text()

    def lay_down(self, node, name):
        node.import_contacts([{"email": f"{name}{number}@site{number % SITES}.sunk.test"} for number in range(READERS)], list_name=name)
        node.create_campaign(name, list_name=name, template=case.write_template(node.data, TEMPLATE, name))
        node.run("campaign", "send", name, "--no-wait")

    def mails(self, *lists):
        return [mail for mail in self.sink.mails() if mail["to"][0].startswith(lists)]

    def check_limits(self, mails):
        self.assertLessEqual(pace.most_open(self.sink.events()), CONNECTIONS)
        # Two seconds more or less: what is begun evenly may arrive late on a busy machine.
        self.assertLessEqual(pace.most_in(mails, 8), 10 * PER_SECOND)

    def test_limits_hold_for_both_together(self):
        processes = [self.start_node(node) for node in self.nodes]
        for node in self.nodes:
            self.wait_until(lambda: "todoku: delivering" in self.log(node), "the nodes run")
        for node, name in zip(self.nodes, ("one", "two")):
            self.lay_down(node, name)
        both = 2 * READERS
        self.wait_until(lambda: len(self.mails("one", "two")) >= both / 4, "a quarter of the mails", 90)
        cluster = self.nodes[0].run("shaping", "show", "site1.sunk.test", "--format", "json").json()["cluster"]
        self.assertEqual(len({part["node"] for part in cluster}), 2, cluster)
        for limit, most in (("connections", CONNECTIONS), ("mails_per_second", PER_SECOND)):
            self.assertLessEqual(sum(part["held"] for part in cluster if part["limit"] == limit), most, cluster)
        self.assertIn("todoku:shares:sink.test", self.redis.ask("KEYS", "todoku:*"))

        self.redis.fall()
        before = len(self.mails("one", "two"))
        for node in self.nodes:
            self.wait_until(lambda: "cluster_unreachable" in self.log(node), "the nodes notice")
        self.wait_until(lambda: len(self.mails("one", "two")) > before + PER_SECOND, "they go on with what they hold")
        self.redis.start()
        for node in self.nodes:
            self.wait_until(lambda: "cluster_reached" in self.log(node), "the nodes find it again")
        self.wait_until(lambda: len(self.mails("one", "two")) == both, "all mails", 120)
        mails = self.mails("one", "two")
        self.check_limits(mails)
        print(f"both: {pace.rate(mails):.1f} mails a second", flush=True)
        self.assertEqual(len({mail["to"][0] for mail in mails}), both)
        for helo in ("a.origin.test", "b.origin.test"):
            self.assertEqual(sum(mail["helo"] == helo for mail in mails), READERS, helo)

        processes[0].kill()  # kill -9: it cannot give anything back
        processes[0].wait()
        self.lay_down(self.nodes[1], "alone")
        self.wait_until(lambda: len(self.mails("alone")) == READERS, "all mails", 120)
        mails = self.mails("alone")
        self.check_limits(mails)
        last_half = mails[READERS // 2:]
        print(f"alone: {pace.rate(last_half):.1f} mails a second at the end", flush=True)
        self.assertGreater(pace.rate(last_half), 0.55 * PER_SECOND, "it has more than its half of before")
        processes[1].terminate()
        self.assertEqual(processes[1].wait(60), 0)
        for node in self.nodes:
            for secret in (PASSWORD, "sesame"):
                self.assertNotIn(secret, self.log(node))
            self.assertNotIn("sesame", node.run("config").output)

    def test_a_wrong_setting_is_said_before_anything_is_sent(self):
        node = self.nodes[0]
        for url, words in (("rediss://:sesame@redis.test", "tunnel"), ("redis.test:6379", "redis://"), ("redis://:sesame@", "host")):
            node.set(**{"cluster.redis": url})
            refused = node.run("serve", fails=True)
            self.assertNotEqual(refused.status, 0, url)
            self.assertIn(words, refused.errors, url)
            self.assertNotIn("sesame", refused.errors)
        node.set(**{"cluster.redis": URL})


if __name__ == "__main__":
    case.main()
