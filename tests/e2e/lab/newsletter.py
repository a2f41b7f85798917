"""500 Japanese readers and a newsletter to them, with everything in it that is hard to write into a mail, and what each
reader must get, worked out here without the program."""

import dataclasses
import random

PREFECTURES = ["北海道", "青森県", "東京都", "神奈川県", "京都府", "大阪府", "沖縄県"]
KINDS = ["一般", "プレミアム", "法人"]
FAMILY = ["佐藤", "鈴木", "髙橋", "𠮷野", "渡邊", "五十嵐", "長谷川", "勅使河原"]
GIVEN = ["葵", "健", "由美子", "大輔", "ひなた", "ジョン", "さくら"]

# Names that break a careless composer: markup, quotes, commas, what ISO-2022-JP cannot hold, what needs folding, nothing.
HARD_NAMES = ["", "<b>太字</b> & \"引用\" 'と'", "Doe, John", "①㈱髙島屋", "😀絵文字👨‍👩‍👧", "ハンカク ミョウジ", "a" * 120, "長い名前" * 60,
              "{{ contact.email }}", "=?utf-8?b?5bGK44GP?=", "back\\slash \"q\"", "e\u0301 結合文字", "Ünïcödé", "ASCII Only", "日本語 and English 混在"]

# Longer than any line may be, without a place to break it.
LONG_LINE = "改行のない長い段落です。" * 120

SENDER_NAME = "届く便り、株式会社 秋"
SENDER_ADDRESS = "news@origin.test"
POSTAL_ADDRESS = "〒100-0001 東京都千代田区千代田1-1"
CONTACT = "help@origin.test"

ATTACHMENT_NAME = "ご案内(秋).pdf"
ATTACHMENT = b"%PDF-1.4\n" + random.Random(1).randbytes(30_000)
PLAIN_ATTACHMENT = ("行末の空白 \r\n.点で始まる行\r\nFrom で始まる行\r\n" * 20).encode()
LOGO = b"\x89PNG\r\n\x1a\n" + random.Random(2).randbytes(5_000)


@dataclasses.dataclass
class Reader:
    number: str
    email: str
    name: str
    prefecture: str
    kind: str

    def row(self):
        return {"会員番号": self.number, "メールアドレス": self.email, "氏名": self.name, "都道府県": self.prefecture, "会員種別": self.kind}


def readers(domains, count):
    """`count` readers, spread over `domains`."""
    chance = random.Random(500)
    result = []
    for number in range(count):
        name = HARD_NAMES[number] if number < len(HARD_NAMES) else f"{chance.choice(FAMILY)} {chance.choice(GIVEN)}"
        result.append(Reader(f"M{number:05}", f"reader{number}@{domains[number % len(domains)]}", name,
                             chance.choice(PREFECTURES) if number % 9 else "", chance.choice(KINDS)))
    return result


SUBJECT = "{{ contact.name | default: \"お客様\" }} 様へ 秋の新作と、季節のお知らせ(会員番号 {{ contact.会員番号 }})"

TEXT = """{{ contact.name | default: "お客様" }} 様

会員番号: {{ contact.会員番号 }}
{% if contact.会員種別 == "プレミアム" %}プレミアム会員の皆さまは送料無料です。{% elsif contact.会員種別 == "法人" %}請求書払いもご利用いただけます。{% else %}{{ contact.都道府県 | default: "全国" }} のお客様へ。{% endif %}
.点で始まる行
..点が二つ
From で始まる行
{{ long }}
終わりの空白   
--
{{ sender.name }}
{{ sender.postal_address }}
お問い合わせ: {{ sender.contact }}
配信停止: {{ unsubscribe_url }}
""".replace("{{ long }}", LONG_LINE)

HTML = """<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>秋の新作</title></head>
<body><img src="images/logo.png" alt="届く">
<p>{{ contact.name | default: "お客様" }} 様</p>
<p>会員番号: {{ contact.会員番号 }}</p>
<p>{% if contact.会員種別 == "プレミアム" %}送料無料{% elsif contact.会員種別 == "法人" %}請求書払い{% else %}{{ contact.都道府県 | default: "全国" }} のお客様へ{% endif %}</p>
<p>{{ long }}</p>
<p>{{ sender.name }} {{ sender.postal_address }} {{ sender.contact }}</p>
<p><a href="{{ unsubscribe_url }}">配信停止</a></p>
</body></html>
""".replace("{{ long }}", LONG_LINE)

TEMPLATE = {
    "subject.txt": SUBJECT + "\n",
    "body.txt": TEXT,
    "body.html": HTML,
    "images/logo.png": LOGO,
    f"attachments/{ATTACHMENT_NAME}": ATTACHMENT,
    "attachments/plain.txt": PLAIN_ATTACHMENT,
}


def called(reader):
    return reader.name or "お客様"


def subject(reader):
    return f"{called(reader)} 様へ 秋の新作と、季節のお知らせ(会員番号 {reader.number})"


def text(reader, unsubscribe_url):
    by_kind = {"プレミアム": "プレミアム会員の皆さまは送料無料です。", "法人": "請求書払いもご利用いただけます。",
               "一般": f"{reader.prefecture or '全国'} のお客様へ。"}
    lines = [f"{called(reader)} 様", "", f"会員番号: {reader.number}", by_kind[reader.kind], ".点で始まる行", "..点が二つ",
             "From で始まる行", LONG_LINE, "終わりの空白   ", "--", SENDER_NAME, POSTAL_ADDRESS, f"お問い合わせ: {CONTACT}",
             f"配信停止: {unsubscribe_url}"]
    return "\n".join(lines) + "\n"


def html_text(reader, unsubscribe_url, logo_url):
    """The HTML part with its entities undone."""
    by_kind = {"プレミアム": "送料無料", "法人": "請求書払い", "一般": f"{reader.prefecture or '全国'} のお客様へ"}
    return f"""<!DOCTYPE html>
<html lang="ja"><head><meta charset="utf-8"><title>秋の新作</title></head>
<body><img src="{logo_url}" alt="届く">
<p>{called(reader)} 様</p>
<p>会員番号: {reader.number}</p>
<p>{by_kind[reader.kind]}</p>
<p>{LONG_LINE}</p>
<p>{SENDER_NAME} {POSTAL_ADDRESS} {CONTACT}</p>
<p><a href="{unsubscribe_url}">配信停止</a></p>
</body></html>
"""
