"""labels.tsv and the mails beside it."""

import collections
import csv

from .case import file_name

COLUMNS = ["file", "kind", "recipient", "reason", "true_cause", "how"]


def _read(path):
    if not path.exists():
        return []
    with open(path, encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def _rows(name, case):
    for fate in case.fates:
        yield dict(zip(COLUMNS, (name, case.kind, fate.address, fate.reason, fate.true_cause, case.how)))


def _fault(case, notices):
    """Why this case has no notice to show, or nothing."""
    if len(notices) < case.notices:
        return "no notice"
    unnamed = [f.address for f in case.fates if f.address.encode() not in notices[case.notices - 1]]
    return f"{unnamed} not named in the notice" if unnamed else ""


def write_results(mta, out, results, notices):
    """Writes each case's notice and replaces this server's rows; returns the number of cases without a notice.

    results: [(case, tag)]; notices: {tag: [bytes]}. Of several notices to one case the last is kept.
    """
    for old in out.glob(mta + "-*.eml"):
        old.unlink()
    rows = [r for r in _read(out / "labels.tsv") if not r["file"].startswith(mta + "-")]
    count, missing = collections.Counter(), 0
    for case, tag in results:
        got = notices.get(tag, [])
        fault = _fault(case, got)
        if fault:
            missing += 1
            print(f"{mta}: {fault} for {case.cause} {case.recipients}: {case.how}", flush=True)
            continue
        word = case.cause if case.kind == "bounce" else f"{case.kind}-{case.cause}"
        count[word] += 1
        name = file_name(mta, word, count[word])
        (out / name).write_bytes(got[case.notices - 1])
        rows.extend(_rows(name, case))
    rows.sort(key=lambda r: r["file"])
    with open(out / "labels.tsv", "w", encoding="utf-8", newline="") as f:
        f.write("\t".join(COLUMNS) + "\n")
        f.writelines("\t".join(r[c] or "" for c in COLUMNS) + "\n" for r in rows)
    print(f"{mta}: {sum(count.values())} notices, {missing} missing", flush=True)
    return missing
