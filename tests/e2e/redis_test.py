"""Two nodes, each with a SQLite of its own, share one receiver's limits through a Redis that falls over midway with all it knew."""

from lab import case, pace
from lab.nodes import PER_SECOND, READERS, NodesCase
from lab.redis import PASSWORD, URL, Redis


class RedisTest(NodesCase):
    SITES = 40

    @classmethod
    def set_up_lab(cls):
        cls.start_lab(Redis(cls.folder), **{"cluster.redis": URL})

    def test_limits_hold_for_both_together(self):
        first, second = self.start_nodes()
        for node, name in zip(self.nodes, ("one", "two")):
            self.lay_down(node, name)
        both = 2 * READERS
        self.wait_until(lambda: len(self.mails("one", "two")) >= both / 4, "a quarter of the mails", 90)
        self.check_shares()
        self.assertIn("todoku:shares:sink.test", self.shared.ask("KEYS", "todoku:*"))

        self.shared.fall()
        before = len(self.mails("one", "two"))
        for node in self.nodes:
            self.wait_until(lambda: "cluster_unreachable" in self.log(node), "the nodes notice")
        self.wait_until(lambda: len(self.mails("one", "two")) > before + PER_SECOND, "they go on with what they hold")
        self.shared.start()
        for node in self.nodes:
            self.wait_until(lambda: "cluster_reached" in self.log(node), "the nodes find it again")
        self.wait_until(lambda: len(self.mails("one", "two")) == both, "all mails", 120)
        mails = self.mails("one", "two")
        self.check_limits(mails)
        print(f"both: {pace.rate(mails):.1f} mails a second", flush=True)
        self.assertEqual(len({mail["to"][0] for mail in mails}), both)
        for helo in ("a.origin.test", "b.origin.test"):
            self.assertEqual(sum(mail["helo"] == helo for mail in mails), READERS, helo)
        self.check_one_goes_on_alone(first, second)
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
