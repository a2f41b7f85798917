#include "app/spoofing_words.h"

namespace todoku::app {

using intake::spoofing::Advice;
using intake::spoofing::Origin;

Phrase origin_words(Origin origin) {
  switch (origin) {
    case Origin::own:
      return {"自社", "ours"};
    case Origin::forwarded:
      return {"自社のメールの転送", "ours, forwarded"};
    case Origin::authorised:
      return {"認証に成功する未知の送信元", "unknown, but it passes as us"};
    case Origin::elsewhere:
      break;
  }
  return {"なりすましの疑い", "not ours"};
}

Phrase advice_words(Advice advice) {
  switch (advice) {
    case Advice::change_passwords:
      return {
          "知らない送信元のメールが自社として認証に成功しています。利用中のサービスなら spoofing.own_sources "
          "に加えてください。心当たりがなければメールアカウントと送信サービスのパスワードを変更し、todoku dkim rotate "
          "で DKIM 鍵を替え、SPF から不要な include を外してください。",
          "Mail from places that we do not know passes as yours. If it is a service that you use, add it to "
          "spoofing.own_sources. If not, change the passwords of mail accounts and sending services, replace the "
          "DKIM key (todoku dkim rotate) and take out of SPF what you do not need."};
    case Advice::repair_own:
      return {
          "自社のメールの一部が SPF にも DKIM にも合格していません。todoku dkim check で DKIM を、送信元の一覧と "
          "SPF レコードを見比べて SPF を確認してください。直るまでポリシーを強めないでください。",
          "Some mail of yours passes neither SPF nor DKIM. Look at DKIM with todoku dkim check, and compare the "
          "sources below with the SPF record. Do not tighten the policy before that is repaired."};
    case Advice::ask_for_reports:
      return {
          "この期間の DMARC レポートがありません。_dmarc の TXT レコードを確認し、rua= "
          "に受け取り用アドレスを書いてください (docs/spoofing.md)。",
          "No DMARC reports came in this time. Check the TXT record at _dmarc and name an address of yours in "
          "rua= (docs/spoofing.md)."};
    case Advice::wait_for_reports:
      return {
          "判断にはレポートがまだ足りません (自社のメール 100 通以上、14 日分以上)。ポリシーはそのままにしてください。",
          "There are too few reports to judge by (100 mails of yours on 14 days are enough). Leave the policy as it "
          "is."};
    case Advice::start_quarantine:
      return {
          "自社のメールは認証に成功しています。_dmarc の p=none を p=quarantine にできます。心配なら pct=10 "
          "から始めてください。",
          "Your mail passes. p=none at _dmarc can become p=quarantine; start with pct=10 to be careful."};
    case Advice::raise_percent:
      return {"自社のメールは認証に成功しています。pct= を 25、50、100 と段階的に上げてください。",
              "Your mail passes. Raise pct= step by step: 25, 50, 100."};
    case Advice::go_to_reject:
      return {
          "自社のメールは認証に成功しています。p=quarantine を p=reject にできます。なりすましは受信側で拒否されます。",
          "Your mail passes. p=quarantine can become p=reject: receivers then refuse mail that only bears your name."};
    case Advice::close_subdomains:
      return {
          "サブドメインのポリシー (sp=) がドメイン自身より緩くなっています。サブドメインから送らないなら sp=reject "
          "にしてください。",
          "The policy for subdomains (sp=) is weaker than the domain's own. Unless you send from them, set sp=reject."};
    case Advice::stay:
      break;
  }
  return {"p=reject です。ポリシーでこれ以上できることはありません。", "p=reject: the policy can do no more."};
}

}  // namespace todoku::app
