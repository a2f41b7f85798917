"""A bounce as a mail server of the lab would write it."""


def bounce(to, address, *, mark="", original="Message-ID: <x@elsewhere.test>"):
    """To the return path `to`: `address` is unknown. `mark`: more fields of the header, `original`: those of the mail it is about;
    each with its line end, but for the last."""
    return f"""From: MAILER-DAEMON@mx.sunk.test
To: {to}
{mark}Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=cut

--cut

Your mail could not be delivered to {address}: no such user.

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.sunk.test

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{address}>: User unknown

--cut
Content-Type: text/rfc822-headers

{original}

--cut--
"""
