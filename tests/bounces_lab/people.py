"""Mails by people and programs that a bounce address also gets: none of them is a bounce, though some look it.

No mail server is needed: these are laid out here, as common mail programs do. Complaints follow RFC 5965.
"""

import email
from email.message import EmailMessage
from email.policy import SMTP

from .case import NOTICE_DOMAIN, Case, Fate, tag_of

_BOUNCE_TEXT = """This is the mail system at host mail.hoshi.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<tanaka@hagi.example>: host mx1.hagi.example[203.0.113.22] said: 550 5.1.1
    <tanaka@hagi.example>: Recipient address rejected: User unknown (in reply
    to RCPT TO command)
"""


def _mail(sender, subject, text, to=f"letters@{NOTICE_DOMAIN}", charset="utf-8", **headers):
    m = EmailMessage(policy=SMTP)
    m["From"], m["To"], m["Subject"] = sender, to, subject
    m["Date"] = "Tue, 3 Nov 2026 09:12:45 +0900"
    m["Message-ID"] = f"<{tag_of(sender, subject)}@mailer.example>"
    for name, value in headers.items():
        m[name.replace("_", "-")] = value
    m.set_content(text, charset=charset)
    return m


def _quoted(text):
    return "".join("> " + line + "\n" for line in text.splitlines())


def _as_report(mail, kind, part, text):
    """Makes `mail` a multipart/report (RFC 6522) with this machine-readable part."""
    mail.make_mixed()
    mail.attach(email.message_from_string(f"Content-Type: message/{part}\n\n{text}", policy=SMTP))
    mail.replace_header("Content-Type", f'multipart/report; report-type={kind}; boundary="=={kind}=="')
    return mail


def _digest():
    m = _mail("Postmasters <postmasters-request@lists.example>", "Postmasters Digest, Vol 12, Issue 3", "Today's topics: 1. Bounces after the move", List_Id="<postmasters.lists.example>", Precedence="list")
    m.add_attachment(_mail("a@ogi.example", "Bounces after the move", "We see this:\n\n" + _BOUNCE_TEXT))
    return m


def _receipt():
    m = _mail("Mika Ono <mika@sasa.example>", "Read: Our autumn catalogue", "Your message was read on 3 November 2026 at 09:10.")
    return _as_report(m, "disposition-notification", "disposition-notification",
                      "Reporting-UA: desk.sasa.example; Letters 4.2\nFinal-Recipient: rfc822; mika@sasa.example\n"
                      "Original-Message-ID: <0042.autumn@news.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n")


def _complaint(recipient, extra="", kind="abuse", source="Feedback Loop <feedback@fbl.sazanka.example>"):
    m = _mail(source, "Complaint about message from 192.0.2.25", f"This is an email abuse report for a mail received from IP 192.0.2.25 on Tue, 3 Nov 2026.\n")
    _as_report(m, "feedback-report", "feedback-report",
               f"Feedback-Type: {kind}\nUser-Agent: SazankaFBL/1.0\nVersion: 1\nOriginal-Mail-From: <bounces+0a1b2c3d@{NOTICE_DOMAIN}>\n"
               f"Arrival-Date: Tue, 3 Nov 2026 08:55:00 +0900\nSource-IP: 192.0.2.25\n{extra}")
    m.attach(email.message_from_bytes(b"Content-Type: message/rfc822\n\n" + _mail(
        f"Hoshino Stationery <letters@{NOTICE_DOMAIN}>", "Our autumn catalogue", "Forty new notebooks.\n", to=recipient).as_bytes(), policy=SMTP))
    return m


def _cases():
    def other(how, mail):
        return Case("mail", [Fate("", "")], how, kind="other"), mail

    def automatic(who, how, mail):
        return Case("reply", [Fate(who, "auto_reply")], how, kind="auto_reply"), mail

    def complaint(who, how, mail):
        return Case("arf", [Fate(who, "complaint")], how, kind="complaint"), mail

    yield other("a reader answers and quotes a bounce", _mail(
        "Kenji Mori <mori@ogi.example>", "Re: Our autumn catalogue", "Hello,\n\nI tried to forward your letter to my wife and got this back:\n\n"
        + _quoted(_BOUNCE_TEXT) + "\nDo you know her new address?\n\nKenji\n", In_Reply_To="<0042.autumn@news.example>"))
    yield other("読者が届かなかったメールの文面を引用して質問 (ISO-2022-JP)", _mail(
        "森 健二 <mori@ogi.example>", "Re: 秋の手帳フェア", "星野文具店 様\n\n先日お送りしたメールが次のように戻ってきました。\n\n"
        + _quoted("宛先のメールアドレスが存在しません。\n550 5.1.1 User unknown\n") + "\n正しいアドレスを教えてください。\n", charset="iso-2022-jp"))
    yield other("a reader answers in German and quotes a bounce", _mail(
        "Jan Bauer <bauer@kiku.example>", "AW: Unser Herbstkatalog", "Guten Tag,\n\nwas bedeutet das bitte? Ich bekam:\n\n" + _quoted(_BOUNCE_TEXT) + "\nGruß, Jan\n"))
    yield other("a mailing list's digest that holds a bounce text", _digest())
    yield other("a newsletter about mail servers, full of their words", _mail(
        "Mail Weekly <weekly@tachibana.example>", "Mailbox full, user unknown: what bounces tell you",
        "This week: 550 5.1.1 User unknown, 552 5.2.2 mailbox full, and what to do when mail could not be delivered.\n",
        List_Id="<weekly.tachibana.example>", List_Unsubscribe="<https://tachibana.example/stop>", Auto_Submitted="auto-generated"))
    yield other("a shop's order confirmation", _mail("Shop <orders@kaede.example>", "Your order 4711 was delivered", "Your parcel has been delivered to your mailbox. Status: 2.0.0 thanks!\n", Auto_Submitted="auto-generated"))
    yield other("a server's monitoring reports a full disk", _mail("monitor@mail.sumire.example", "[WARNING] disk full on mail.sumire.example", "Filesystem /var/mail is full (100%).\n", Auto_Submitted="auto-generated"))
    yield other("a reader asks to be taken off the list", _mail("n.abe@satsuki.example", "unsubscribe", "Please unsubscribe me.\n"))
    yield other("a postmaster writes by hand about delivery", _mail("Postmaster <postmaster@yanagi.example>", "Your mail to our users", "Dear colleague,\n\nyour server 192.0.2.25 has sent 3 mails to an address that does not exist here. Please have a look.\n\nPostmaster\n"))
    yield automatic("mika@sasa.example", "a read receipt", _receipt())
    yield automatic("h.kimura@renge.example", "out of office without any header that says so", _mail(
        "Haruka Kimura <h.kimura@renge.example>", "Automatic reply: Our autumn catalogue", "I am out of the office from 2 to 9 November with no access to mail.\n"))
    yield automatic("okada@natsume.example", "不在通知 with X-Autoreply", _mail(
        "岡田 <okada@natsume.example>", "自動返信: 秋の手帳フェア", "ただいま休暇中です。11月9日以降にお返事いたします。\n", charset="iso-2022-jp", X_Autoreply="yes", Precedence="bulk"))
    yield automatic("m.dubois@yuzu.example", "challenge-response: asks the sender to confirm", _mail(
        "Marc Dubois <m.dubois@yuzu.example>", "Please confirm your message", "This mailbox is protected against unsolicited mail. Your message is held until you confirm it:\nhttps://guard.yuzu.example/confirm/8f3a\n", Auto_Submitted="auto-replied"))
    yield automatic("support@minato.example", "a ticket system's receipt", _mail(
        "Support <support@minato.example>", "[Ticket 20261103-17] We have received your message", "Thank you for contacting us. A ticket has been opened for your request.\n", Auto_Submitted="auto-replied", X_Auto_Response_Suppress="All"))
    yield complaint("reader@sazanka.example", "feedback report with Original-Rcpt-To", _complaint("reader@sazanka.example", "Original-Rcpt-To: <reader@sazanka.example>\nReported-Domain: news.example\n"))
    yield complaint("tanaka@shion.example", "feedback report, two recipients' fields left out: the mail's To tells", _complaint("tanaka@shion.example", source="FBL <staff@shion.example>"))
    yield complaint("yuki@tsubaki.example", "feedback report of fraud with the original's removal link", _complaint("yuki@tsubaki.example", "Original-Rcpt-To: yuki@tsubaki.example\n", kind="fraud"))


class Mailbag:
    """What labels.write_results takes, without a lab."""

    def __init__(self):
        self.results, self.notices = [], {}
        for number, (case, mail) in enumerate(_cases()):
            tag = tag_of("people", str(number))
            top = f"Return-Path: <{'' if case.kind == 'auto_reply' else 'someone@mailer.example'}>\nDelivered-To: letters@{NOTICE_DOMAIN}\n"
            self.results.append((case, tag))
            self.notices[tag] = [top.encode() + mail.as_bytes().replace(b"\r\n", b"\n")]


def make(_folder, _logs):
    return Mailbag()
