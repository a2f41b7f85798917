"""What `todoku trace-smtp HOST --watch` shows of a campaign that the running daemon sends."""

import subprocess
import time

from lab import todoku


def seen_of(case, node, host, campaign):
    """What was seen until the first session was over."""
    path = case.folder / "seen"
    with open(path, "wb") as seen:
        watcher = subprocess.Popen([str(todoku.BINARY), "--data", str(node.data), "trace-smtp", host, "--watch"], stdout=seen,
                                   stderr=subprocess.DEVNULL)
    case.addCleanup(lambda: (watcher.kill(), watcher.wait()))
    time.sleep(1)  # nothing tells from outside that it is connected
    node.run("campaign", "send", campaign)
    case.wait_until(lambda: "session over" in path.read_text(), "the session's end")
    return path.read_text()
