"""Two nodes on one PostgreSQL send to one receiver: its limits hold for both together, and when one is killed the other gets all."""

from lab import case, pace, postgres
from lab.nodes import READERS, NodesCase


class ClusterTest(NodesCase):
    @classmethod
    def set_up_lab(cls):
        cls.start_lab(postgres.Postgres(cls.folder), **{"store.url": postgres.URL})

    def test_limits_hold_for_both_together(self):
        first, second = self.start_nodes()
        self.lay_down(self.nodes[1], "both")  # batches of one mail, so that both nodes claim some
        self.wait_until(lambda: len(self.mails("both")) >= READERS / 2, "half of the mails", 60)
        self.check_shares()
        self.wait_until(lambda: len(self.mails("both")) == READERS, "all mails", 120)
        mails = self.mails("both")
        self.check_limits(mails)
        shares = {helo: sum(mail["helo"] == helo for mail in mails) for helo in ("a.origin.test", "b.origin.test")}
        print(f"both: {shares}, {pace.rate(mails):.1f} mails a second", flush=True)
        for helo, share in shares.items():
            self.assertGreater(share, READERS / 5, helo)
        self.assertEqual(len({mail["to"][0] for mail in mails}), READERS)
        self.check_one_goes_on_alone(first, second)


if __name__ == "__main__":
    case.main()
