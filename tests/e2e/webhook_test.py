"""Webhooks of relays: posted to `todoku serve` as the relays do, with real signatures; Amazon's certificate from its own site."""

import base64
import hashlib
import hmac
import json
import subprocess
import time

from lab import authority, case, names
from lab.daemon import Daemon
from lab.secure_web import Handler, SecureWeb
from lab.sink import Sink
from lab.todoku import Todoku

TEMPLATE = {"subject.txt": "便り\n", "body.txt": "{{ unsubscribe_url }}\n"}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
AMAZON = "sns.eu-west-1.amazonaws.com"
AMAZON_ADDRESS = "192.0.2.81"
SECRET = "0123456789abcdef0123456789abcdef"
MAILGUN_KEY = "key-of-the-lab"


class Amazon(SecureWeb):
    """sns.eu-west-1.amazonaws.com: gives the signing certificate and confirms subscriptions."""

    def __init__(self, folder, ca):
        self.key, signing = folder / "sns.key", folder / "sns.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", signing, "-days", "2", "-subj", "/CN=sns")
        self.asked = []
        owner = self

        class Site(Handler):
            def do_GET(self):
                owner.asked.append(self.path)
                self.answer(200, signing.read_bytes() if self.path.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")

        self.serve((AMAZON_ADDRESS, 443), *ca.issue(AMAZON), Site)

    def message(self, content, kind="Notification", **other):
        fields = {"Type": kind, "MessageId": "id", "TopicArn": TOPIC, "Message": json.dumps(content),
                  "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "SignatureVersion": "2",
                  "SigningCertURL": f"https://{AMAZON}/SimpleNotificationService-1.pem", **other}
        order = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        text = "".join(f"{name}\n{fields[name]}\n" for name in order if name in fields)
        digest = "-sha256" if fields["SignatureVersion"] == "2" else "-sha1"
        signature = openssl("dgst", digest, "-sign", self.key, text=text.encode())
        return json.dumps({**fields, "Signature": base64.b64encode(signature).decode()})


def openssl(*arguments, text=b""):
    return subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, input=text).stdout


class WebhookTest(case.LabCase):
    @classmethod
    def set_up_lab(cls):
        cls.start(names.Nsd(cls.folder, names.ZONE + f"{AMAZON}. A {AMAZON_ADDRESS}\n"))
        cls.ca = authority.Authority(cls.folder)
        cls.amazon = cls.start(Amazon(cls.folder, cls.ca))
        cls.sendgrid_key = cls.folder / "sendgrid.pem"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", cls.sendgrid_key)
        public = openssl("pkey", "-in", cls.sendgrid_key, "-pubout", "-outform", "DER")
        sink = cls.start(Sink(cls.folder, names.SINK))
        cls.todoku = Todoku(cls.folder, **{
            "log.level": "info", "smtp.ca_file": cls.ca.certificate, "webhooks.ses_topics": TOPIC,
            "webhooks.sendgrid_key": base64.b64encode(public).decode(), "webhooks.mailgun_key": MAILGUN_KEY,
            "webhooks.postmark_secret": SECRET, "webhooks.sparkpost_secret": SECRET, "webhooks.brevo_secret": SECRET})
        addresses = [f"{relay}-{word}@one.sunk.test" for relay in ("ses", "sendgrid", "mailgun", "postmark", "sparkpost", "brevo")
                     for word in ("dead", "full", "angry")]
        cls.todoku.import_contacts([{"email": address} for address in addresses], list_name="all")
        cls.todoku.create_campaign("one", list_name="all", template=case.write_template(cls.folder, TEMPLATE))
        cls.todoku.send("one")
        cls.mails = {mail["to"][0]: mail for mail in sink.mails()}
        assert len(cls.mails) == len(addresses)
        cls.daemon = cls.start(Daemon(cls.todoku, "--roles", "web"))

    def post(self, path, body, **fields):
        body = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.daemon.ask("/webhooks/" + path, "POST", body, **fields)

    def stored(self, path, body, count=1, **fields):
        status, _, answer = self.post(path, body, **fields)
        self.assertEqual((status, json.loads(answer)), (200, {"stored": count}))

    def message_id(self, address):
        return self.mails[address]["message_id"]

    def contact(self, address):
        return self.todoku.run("contacts", "show", address, "--format", "json").json()

    def check_consequences(self, relay):
        """The dead one is known as such, the one with a full mailbox goes on, the angry one gets nothing any more."""
        states = {word: self.contact(f"{relay}-{word}@one.sunk.test")["state"] for word in ("dead", "full", "angry")}
        self.assertEqual(states["full"], "active")
        self.assertEqual(states["angry"], "unsubscribed")
        return states["dead"]

    def check_replay(self, relay, again):
        """What comes twice is answered, so that the relay is content, and counts once."""
        again()
        before = [entry for entry in self.intake("--limit", 10_000) if entry["place"] == relay]
        self.assertTrue(before)
        again()
        self.assertEqual([entry for entry in self.intake("--limit", 10_000) if entry["place"] == relay], before)

    def intake(self, *options):
        return self.todoku.run("intake", "list", "--format", "json", *options).json()

    def test_ses(self):
        def bounce(word, kind, subtype, status, text):
            address = f"ses-{word}@one.sunk.test"
            return self.amazon.message({"notificationType": "Bounce", "bounce": {
                "bounceType": kind, "bounceSubType": subtype, "feedbackId": f"fb-{word}", "timestamp": "2026-11-24T00:00:00Z",
                "bouncedRecipients": [{"emailAddress": address, "status": status, "diagnosticCode": f"smtp; {text}"}]},
                "mail": {"source": self.mails[address]["from"], "messageId": "m", "headers": []}})

        self.stored("ses", self.amazon.message("", "SubscriptionConfirmation", Token="t", Message="You have chosen to subscribe",
                                               SubscribeURL=f"https://{AMAZON}/?Action=ConfirmSubscription&Token=t"), count=0)
        self.assertIn("/?Action=ConfirmSubscription&Token=t", self.amazon.asked)
        dead = bounce("dead", "Transient", "General", "5.1.1", "550 5.1.1 user unknown")
        self.stored("ses", dead)
        self.stored("ses", dead)  # the same again changes nothing
        self.stored("ses", bounce("full", "Permanent", "General", "5.2.2", "552 5.2.2 mailbox is full"))
        self.stored("ses", self.amazon.message({"notificationType": "Complaint", "complaint": {
            "complainedRecipients": [{"emailAddress": "ses-angry@one.sunk.test"}], "feedbackId": "c"},
            "mail": {"headers": [{"name": "Message-ID", "value": self.message_id("ses-angry@one.sunk.test")}]}}, SignatureVersion="1"))
        self.assertEqual(self.check_consequences("ses"), "stopped")
        entries = [entry for entry in self.intake() if entry["place"] == "ses"]
        self.assertEqual(len(entries), 3, entries)
        self.assertEqual({entry["state"] for entry in entries}, {"joined"})

        forged = json.loads(self.amazon.message({"notificationType": "Bounce"}))
        for change in ({"Message": "{}"}, {"SigningCertURL": "https://192.0.2.81/SimpleNotificationService-1.pem"},
                       {"TopicArn": TOPIC + "2"}, {"Timestamp": "2020-01-01T00:00:00.000Z"}):
            self.assertEqual(self.post("ses", {**forged, **change})[0], 403, change)
        self.assertEqual(self.post("ses", "{}")[0], 400)
        self.assertEqual(self.amazon.asked.count("/SimpleNotificationService-1.pem"), 1)

    def sign_sendgrid(self, body, at=None):
        at = str(at or int(time.time()))
        signature = openssl("dgst", "-sha256", "-sign", self.sendgrid_key, text=at.encode() + body.encode())
        return {"X_Twilio_Email_Event_Webhook_Signature": base64.b64encode(signature).decode(),
                "X_Twilio_Email_Event_Webhook_Timestamp": at}

    def test_sendgrid(self):
        def event(word, **fields):
            address = f"sendgrid-{word}@one.sunk.test"
            return {"email": address, "sg_event_id": word, "smtp-id": self.message_id(address), "timestamp": int(time.time()), **fields}

        body = json.dumps([event("dead", event="bounce", type="blocked", status="5.1.1", reason="550 5.1.1 no such user"),
                           event("full", event="bounce", type="bounce", status="5.2.2", reason="552 5.2.2 over quota"),
                           event("angry", event="spamreport"), event("angry", event="open"),
                           {"event": "bounce", "sg_event_id": "nobody"}])
        self.stored("sendgrid", body, count=3, **self.sign_sendgrid(body))
        self.assertEqual(self.check_consequences("sendgrid"), "stopped")
        self.check_replay("sendgrid", lambda: self.stored("sendgrid", body, count=3, **self.sign_sendgrid(body)))
        unread = [entry for entry in self.intake("--state", "dead") if entry["place"] == "sendgrid"]
        self.assertEqual(len(unread), 1)
        self.assertIn("'email'", unread[0]["problem"])
        self.assertEqual(self.post("sendgrid", body + " ", **self.sign_sendgrid(body))[0], 403)
        self.assertEqual(self.post("sendgrid", body, **self.sign_sendgrid(body, int(time.time()) - 200_000))[0], 403)
        self.assertEqual(self.post("sendgrid", body)[0], 403)
        broken = "[{"
        status, _, answer = self.post("sendgrid", broken, **self.sign_sendgrid(broken))
        self.assertEqual(status, 400)
        self.assertIn("no JSON", answer)
        self.assertEqual(len([entry for entry in self.intake("--state", "dead") if entry["place"] == "sendgrid"]), 2)

    def mailgun(self, data, token):
        at = str(int(time.time()))
        proof = hmac.new(MAILGUN_KEY.encode(), (at + token).encode(), hashlib.sha256).hexdigest()
        return {"signature": {"timestamp": at, "token": token, "signature": proof}, "event-data": data}

    def test_mailgun(self):
        def event(word, **fields):
            address = f"mailgun-{word}@one.sunk.test"
            return {"id": word, "recipient": address, "message": {"headers": {"message-id": self.message_id(address).strip("<>")}}, **fields}

        dead = self.mailgun(event("dead", event="failed", severity="permanent", reason="generic",
                                  **{"delivery-status": {"code": 550, "message": "5.1.1 unknown user"}}), "t1")
        self.stored("mailgun", dead)
        self.stored("mailgun", self.mailgun(event("full", event="failed", severity="permanent", reason="bounce",
                                                  **{"delivery-status": {"code": 552, "message": "5.2.2 mailbox full"}}), "t2"))
        self.stored("mailgun", self.mailgun(event("angry", event="complained"), "t3"))
        self.assertEqual(self.check_consequences("mailgun"), "stopped")
        self.check_replay("mailgun", lambda: self.stored("mailgun", dead))
        self.assertEqual(self.post("mailgun", {**dead, "event-data": event("full", event="complained")})[0], 403, "a token is good for one event")
        self.assertEqual(self.post("mailgun", self.mailgun({}, "t4") | {"signature": {}})[0], 403)

    def test_relays_with_a_secret(self):
        basic = {"Authorization": "Basic " + base64.b64encode(f"relay:{SECRET}".encode()).decode()}

        def brevo(word, **fields):
            address = f"brevo-{word}@one.sunk.test"
            return {"email": address, "message-id": self.message_id(address), "ts_event": int(time.time()), **fields}

        self.stored("brevo/" + SECRET, brevo("dead", event="soft_bounce", reason="550 5.1.1 user unknown"))
        self.stored("brevo", brevo("full", event="hard_bounce", reason="552 5.2.2 mailbox full"), Authorization=f"Bearer {SECRET}")
        self.stored("brevo/" + SECRET, brevo("angry", event="spam"))
        self.check_replay("brevo", lambda: self.stored("brevo/" + SECRET, brevo("dead", event="soft_bounce", reason="550 5.1.1 user unknown",
                                                                               ts_event=1_795_521_540)))
        self.assertEqual(self.check_consequences("brevo"), "stopped")

        def sparkpost(word, **fields):
            return {"msys": {"message_event": {"rcpt_to": f"sparkpost-{word}@one.sunk.test", "event_id": word, "message_id": "own", **fields}}}

        self.stored("sparkpost", [sparkpost("dead", type="bounce", bounce_class="10", raw_reason="550 5.1.1 user unknown"),
                                  sparkpost("full", type="bounce", bounce_class="22", raw_reason="552 5.2.2 full"),
                                  sparkpost("angry", type="spam_complaint"), {"msys": {}}], count=3, **basic)
        self.check_replay("sparkpost", lambda: self.stored("sparkpost", [sparkpost("dead", type="bounce", bounce_class="10", raw_reason="550 5.1.1")],
                                                           **basic))
        # Found by the recipient alone, which proves less: counted, not stopped at once.
        self.assertEqual(self.check_consequences("sparkpost"), "active")

        def postmark(word, **fields):
            return {"RecordType": "Bounce", "Email": f"postmark-{word}@one.sunk.test", "ID": word, "MessageID": "own", **fields}

        self.stored("postmark", postmark("dead", Type="HardBounce", Details="smtp;550 5.1.1 user unknown"), **basic)
        self.stored("postmark", postmark("full", Type="HardBounce", Details="smtp;552 5.2.2 full"), **basic)
        self.stored("postmark", postmark("angry", Type="SpamComplaint", RecordType="SpamComplaint"), **basic)
        self.check_replay("postmark", lambda: self.stored("postmark", postmark("full", Type="HardBounce", Details="smtp;552 5.2.2 full"), **basic))
        self.check_consequences("postmark")

        for path in ("postmark", "postmark/" + SECRET[:-1], "brevo/x", "sparkpost"):
            status, fields, _ = self.post(path, "{}")
            self.assertEqual(status, 401, path)
            self.assertIn("Basic", fields["WWW-Authenticate"])
        self.assertEqual(self.post("mailchimp", "{}")[0], 404)
        self.assertEqual(self.daemon.ask("/webhooks/brevo")[0], 405)
        self.assertNotIn(SECRET, (self.folder / "todoku.log").read_text(errors="replace"))

    def test_large_posts(self):
        def post(count):
            begun = time.monotonic()
            body = [{"event": "delivered", "email": f"nobody{number}@one.sunk.test", "ts_event": number, "message-id": f"<{number}@elsewhere.test>"}
                    for number in range(count)]
            return self.post("brevo/" + SECRET, body), time.monotonic() - begun

        (status, _, _), seconds = post(5_000)
        print(f"5,000 events in one post: {seconds:.2f} s")
        self.assertEqual(status, 200)
        self.assertEqual(post(20_001)[0][0], 413)
        self.assertEqual(self.post("brevo/" + SECRET, "[" * 100_000)[0], 400)


if __name__ == "__main__":
    case.main()
