"""A small fault battery; `./dev battery` is the whole one."""

from lab import battery, case, names

MAILS = 2_000


class BatteryTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.name_server = cls.start(names.Nsd(cls.folder))

    def expect_good(self, name):
        row = battery.run(name, self.folder, self.name_server, MAILS, short=True)
        print(row, flush=True)
        self.assertTrue(row.good(), row)


for _name in battery.CASES:
    setattr(BatteryTest, f"test_{_name}", lambda self, name=_name: self.expect_good(name))


if __name__ == "__main__":
    case.main()
