"""How fast the mails of a sink's journal came, and over how many connections."""


def most_open(events):
    """The most connections at once."""
    open_now = most = 0
    for event in events:
        open_now += {"open": 1, "close": -1}.get(event["event"], 0)
        most = max(most, open_now)
    return most


def most_in(mails, seconds):
    """The most mails in any stretch of so many seconds."""
    times = sorted(mail["at"] for mail in mails)
    first = most = 0
    for last, at in enumerate(times):
        while at - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def rate(mails):
    """Mails a second from the first to the last."""
    return (len(mails) - 1) / (mails[-1]["at"] - mails[0]["at"])
