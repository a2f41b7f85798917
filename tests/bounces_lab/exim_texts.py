"""bounce_message_file and warn_message_file for Exim in other languages than its own.

The parts stand between lines of ****, in Exim's order; Exim still labels the text part as us-ascii.
"""

from email.header import Header


def _word(text):
    return Header(text, "utf-8", maxlinelen=200).encode()


def _file(subject, *parts):
    return "\n****\n".join([f"Subject: {_word(subject)}", *parts]) + "\n****\n"


BOUNCE_FILES = {
    "ja": _file(
        "メールをお届けできませんでした",
        "このメールは配送プログラムが自動的に作成したものです。\n\nお送りいただいたメールを、次の宛先にお届けできませんでした。\n再送は行われません。",
        "配送のときに次の文が出力されました。",
        "------ 以下は、お送りいただいたメールの写しです(ヘッダーを含みます) ------",
        "------ 本文は $message_size 文字あり、先頭の $bounce_return_size_limit 文字だけを添付します ------",
        "------ 以下は、お送りいただいたメールのヘッダーです ------"),
    "de": _file(
        "Nachricht nicht zustellbar",
        "Diese Nachricht wurde automatisch vom Mailsystem erzeugt.\n\nEine von Ihnen gesendete Nachricht konnte nicht an alle Empfänger\n"
        "zugestellt werden. Dies ist ein dauerhafter Fehler. Betroffen ist:",
        "Bei der Zustellung entstand folgende Ausgabe:",
        "------ Dies ist eine Kopie Ihrer Nachricht samt Kopfzeilen. ------",
        "------ Die Nachricht ist $message_size Zeichen lang; hier stehen die ersten $bounce_return_size_limit. ------",
        "------ Dies ist eine Kopie der Kopfzeilen Ihrer Nachricht. ------"),
    "fr": _file(
        "Échec de la remise du message",
        "Ce message a été créé automatiquement par le logiciel de messagerie.\n\nUn message que vous avez envoyé n'a pas pu être remis à\n"
        "tous ses destinataires. L'erreur est définitive pour :",
        "Texte produit pendant la remise :",
        "------ Ceci est une copie du message, en-têtes compris. ------",
        "------ Le message compte $message_size caractères ; en voici les $bounce_return_size_limit premiers. ------",
        "------ Ceci est une copie des en-têtes du message. ------"),
}

WARN_FILES = {
    "ja": _file(
        "メールの配送が遅れています: $warn_message_delay",
        "このメールは配送プログラムが自動的に作成したものです。\n\nお送りいただいたメールは、$warn_message_delay たってもまだ次の宛先に届いていません。",
        "そのままお待ちください。配送は続けられます。届かないときは改めてお知らせします。"),
    "de": _file(
        "Zustellung verzögert: $warn_message_delay",
        "Diese Nachricht wurde automatisch vom Mailsystem erzeugt.\n\nEine von Ihnen gesendete Nachricht ist nach $warn_message_delay noch\nnicht zugestellt an:",
        "Sie brauchen nichts zu tun; es wird weiter versucht."),
    "fr": _file(
        "Remise retardée : $warn_message_delay",
        "Ce message a été créé automatiquement par le logiciel de messagerie.\n\nAprès $warn_message_delay, un message que vous avez envoyé n'a pas encore été remis à :",
        "Vous n'avez rien à faire ; les tentatives continuent."),
}
