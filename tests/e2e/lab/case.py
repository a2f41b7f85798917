"""The frame of an end-to-end test file: `if __name__ == "__main__": case.main()` runs it in the lab's namespaces.

A failed test keeps everything its servers and the program wrote in build/lab/failed/FILE/TEST, and says so.
"""

import pathlib
import shutil
import sys
import time
import unittest

from . import namespace

FOLDER = pathlib.Path("/run/lab")


class LabCase(unittest.TestCase):
    """One lab for each test class: set_up_lab() starts servers with cls.start(…), which stop in the opposite order."""

    @classmethod
    def setUpClass(cls):
        cls.folder = FOLDER / cls.__name__
        cls.folder.mkdir(parents=True)
        shutil.rmtree(kept_folder(cls.folder), ignore_errors=True)
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls._failed = False
        cls.addClassCleanup(lambda: cls._failed and keep(cls.folder))
        try:
            cls.set_up_lab()
        except BaseException:
            cls._failed = True
            raise

    @classmethod
    def set_up_lab(cls):
        pass

    @classmethod
    def start(cls, server):
        server.start()
        cls.addClassCleanup(server.stop)
        return server

    def start_here(self, server):
        """Starts a server for this test alone."""
        server.start()
        self.addCleanup(server.stop)
        return server

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result else 0
        result = super().run(result)
        if len(result.failures) + len(result.errors) > before:
            type(self)._failed = True
        return result

    def wait_until(self, happened, what, timeout=20):
        """Waits for something a server does by itself, such as a delivery from its queue."""
        deadline = time.monotonic() + timeout
        while not happened():
            if time.monotonic() > deadline:
                self.fail(f"after {timeout} s still not: {what}")
            time.sleep(0.05)


def write_template(folder, files, name="template"):
    """A template's folder with `files` (path → text or bytes)."""
    template = pathlib.Path(folder, name)
    for path, content in files.items():
        file = template / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return template


def keep(folder):
    kept = kept_folder(folder)
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder, kept, symlinks=True, ignore=_not_files, ignore_dangling_symlinks=True)
    print(f"Logs, mails and data of the failed test are in {kept}", file=sys.stderr)


def kept_folder(folder):
    return namespace.LAB / "failed" / pathlib.Path(sys.argv[0]).stem / folder.name


def _not_files(folder, names):
    return [name for name in names if not (pathlib.Path(folder, name).is_file() or pathlib.Path(folder, name).is_dir())]


def main():
    namespace.enter()
    unittest.main(verbosity=2)
