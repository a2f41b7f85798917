"""Bounce templates for Postfix in other languages than its own (bounce(5)).

From and Subject must be RFC 2047 words: Postfix ignores the whole template otherwise.
"""

from email.header import Header


def _template(name, charset, sender, subject, text):
    def word(t):
        return Header(t, "utf-8", maxlinelen=200).encode()
    return (f"{name} = <<EOF\nCharset: {charset}\nFrom: {word(sender)} <MAILER-DAEMON>\nSubject: {word(subject)}\n\n"
            f"{text}\nEOF\n\n")


_JA = (
    _template("failure_template", "utf-8", "メール配送システム", "メールをお届けできませんでした", """\
$myhostname のメール配送プログラムです。

お送りいただいたメールは、下記の宛先にお届けすることができませんでした。
メールは下に添付してあります。

お困りの場合は <postmaster> までお問い合わせください。その際はこの
メールを添えてください。ご自身の文面は消していただいて構いません。

                   メール配送プログラム
""")
    + _template("delay_template", "utf-8", "メール配送システム", "配送が遅れています(再送は不要です)", """\
$myhostname のメール配送プログラムです。

*** これは途中経過のお知らせです。メールを送り直す必要はありません。 ***

お送りいただいたメールは $delay_warning_time_hours 時間たってもお届けできていません。
$maximal_queue_lifetime_days 日になるまで配送を続けます。
""")
    + _template("success_template", "utf-8", "メール配送システム", "メールをお届けしました", """\
$myhostname のメール配送プログラムです。

お送りいただいたメールは、下記の宛先に届きました。
"""))

_DE = (
    _template("failure_template", "iso-8859-1", "Postzustellung", "Unzustellbar: Ihre Nachricht", """\
Dies ist das Mailsystem auf $myhostname.

Ihre Nachricht konnte einem oder mehreren Empfängern leider nicht
zugestellt werden. Sie ist unten angefügt.

Für Rückfragen wenden Sie sich bitte an <postmaster> und fügen Sie
diesen Bericht bei.
""")
    + _template("delay_template", "iso-8859-1", "Postzustellung", "Zustellung verzögert", """\
Dies ist das Mailsystem auf $myhostname.

DIES IST NUR EINE WARNUNG. SIE MÜSSEN IHRE NACHRICHT NICHT ERNEUT SENDEN.

Ihre Nachricht konnte seit $delay_warning_time_hours Stunden nicht zugestellt werden.
Es wird weiter versucht, bis sie $maximal_queue_lifetime_days Tage alt ist.
""")
    + _template("success_template", "iso-8859-1", "Postzustellung", "Ihre Nachricht wurde zugestellt", """\
Dies ist das Mailsystem auf $myhostname.

Ihre Nachricht wurde den unten genannten Empfängern zugestellt.
"""))

_FR = (
    _template("failure_template", "utf-8", "Système de messagerie", "Courrier non remis à son destinataire", """\
Ceci est le système de messagerie de l'hôte $myhostname.

Nous sommes désolés de vous informer que votre message n'a pas pu être
remis à un ou plusieurs destinataires. Il est joint ci-dessous.

Pour toute aide, écrivez à <postmaster> en joignant ce rapport.
""")
    + _template("delay_template", "utf-8", "Système de messagerie", "Remise retardée", """\
Ceci est le système de messagerie de l'hôte $myhostname.

CECI N'EST QU'UN AVERTISSEMENT. IL EST INUTILE DE RENVOYER VOTRE MESSAGE.

Votre message n'a pas pu être remis depuis $delay_warning_time_hours heures.
Les tentatives continueront pendant $maximal_queue_lifetime_days jours.
""")
    + _template("success_template", "utf-8", "Système de messagerie", "Courrier remis", """\
Ceci est le système de messagerie de l'hôte $myhostname.

Votre message a été remis aux destinataires indiqués ci-dessous.
"""))

TEMPLATES = {"ja": _JA.encode(), "de": _DE.encode("iso-8859-1"), "fr": _FR.encode()}
