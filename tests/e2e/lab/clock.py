"""A wall clock that a test sets, for the programs that it is given to; it can be moved while they run."""

import os
import pathlib
import struct

from . import todoku

LIBRARY = pathlib.Path(os.environ.get("TODOKU_JUMPING_CLOCK", todoku.BINARY.parent / "tests" / "libjumping_clock.so"))


class WallClock:
    def __init__(self, folder, name="clock", ahead=0):
        self._file = pathlib.Path(folder, name)
        self._file.write_bytes(bytes(8))
        self._file.chmod(0o644)
        self.set(ahead)

    def set(self, ahead):
        """From now on so many seconds before the true time; less than 0: behind it."""
        with open(self._file, "r+b") as file:
            file.write(struct.pack("=q", ahead * 1_000_000_000))

    def environment(self):
        return {"LD_PRELOAD": str(LIBRARY), "TODOKU_TEST_CLOCK": str(self._file)}
