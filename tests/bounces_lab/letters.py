"""The mails that the lab sends: small newsletters in a few shapes, so that what bounces are about varies."""

import email.policy
from email.headerregistry import Address
from email.message import EmailMessage

from .case import NOTICE_DOMAIN

_JAPANESE = """{name} 様

いつもありがとうございます。星野文具店の秋の便りです。
新しい手帳が入荷しました。店頭でお手に取ってご覧ください。

  手帳フェア  11月30日(土)まで
  https://shop.news.example/autumn

配信停止はこちら: https://news.example/stop
"""

_ENGLISH = """Dear {name},

our autumn catalogue is out: forty new notebooks, and the fountain pens
that many of you asked for. Orders before 30 November ship free.

  https://shop.news.example/autumn

To stop these mails: https://news.example/stop
"""

_GERMAN = """Guten Tag {name},

unser Herbstkatalog ist da: vierzig neue Hefte und die Füller, nach denen
viele gefragt haben. Bestellungen bis zum 30. November sind versandfrei.

  https://shop.news.example/herbst
"""

_HTML = """<html><body><h1>Autumn catalogue</h1><p>Dear {name}, forty new notebooks have arrived.</p>
<p><a href="https://shop.news.example/autumn">See them</a></p>
<p><small><a href="https://news.example/stop">Unsubscribe</a></small></p></body></html>
"""

_SHAPES = [
    ("秋の手帳フェアのお知らせ", "星野文具店", _JAPANESE, "iso-2022-jp", ""),
    ("Our autumn catalogue", "Hoshino Stationery", _ENGLISH, "us-ascii", ""),
    ("秋の手帳フェア 11月30日まで", "星野文具店", _JAPANESE, "utf-8", _HTML),
    ("Unser Herbstkatalog", "Hoshino Schreibwaren", _GERMAN, "iso-8859-1", ""),
    ("Forty new notebooks", "Hoshino Stationery", _ENGLISH, "utf-8", _HTML),
]


def newsletter(number, tag, recipient, padding=0):
    """The bytes of one mail; `number` chooses the shape."""
    subject, sender, text, charset, html = _SHAPES[number % len(_SHAPES)]
    user, _, domain = recipient.partition("@")
    m = EmailMessage(policy=email.policy.SMTP.clone(utf8=not recipient.isascii()))
    m["From"] = Address(sender, "letters", NOTICE_DOMAIN)
    m["To"] = f"<{recipient}>"
    m["Subject"] = subject
    m["Date"] = email.utils.localtime()
    m["Message-ID"] = f"<{tag}.autumn@{NOTICE_DOMAIN}>"
    m["List-Unsubscribe"] = f"<https://{NOTICE_DOMAIN}/stop/{tag}>"
    m["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    m.set_content(text.format(name=user) + "\n".join(["." * 70] * (padding // 71)), charset=charset if recipient.isascii() else "utf-8")
    if html:
        m.add_alternative(html.format(name=user), subtype="html")
    return m.as_bytes()
