#include "app/remedy_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/phrase.h"

namespace todoku::app {
namespace {

using bounce::Language;
using bounce::Reason;

struct Known {
  std::string_view action;
  Phrase label;
  std::string_view command;  // {0} campaign, {1} address, {2} reason, {3} sender's domain
};

constexpr auto kKnown = std::to_array<Known>({
    {"correct_and_resend",
     {"アドレスを訂正して送り直す", "correct the address and send again"},
     "todoku remedy correct {1} RIGHT@ADDRESS"},
    {"suggest_domain", {"似たドメインを調べる", "look for near domains"}, "todoku remedy suggest {1}"},
    {"split_and_resend",
     {"添付を何通かに分けて送り直す", "split over several mails and send again"},
     "todoku remedy split {0}"},
    {"download_link",
     {"ダウンロード用リンクで送り直す", "send the attachments as download links"},
     "todoku remedy link {0}"},
    {"scan_attachments", {"添付ファイルのウイルスを検査する", "scan the attachments"}, "todoku remedy scan {0}"},
    {"reflow_and_resend", {"行を短くして送り直す", "reflow the lines and send again"}, "todoku remedy reflow {0}"},
    {"resend_later", {"後で送り直す", "send again later"}, "todoku remedy resend {0} --reason {2}"},
    {"other_channel",
     {"別の方法で連絡する(電話などを見る)", "reach them another way (telephone, company)"},
     "todoku contacts show {1}"},
    {"remove_contact", {"今後は送らない", "never mail them again"}, "todoku contacts unsubscribe {1}"},
    {"read_original", {"元のエラーメールを読む", "read the original error mail"}, "todoku intake list --address {1}"},
    {"check_authentication",
     {"送信ドメイン認証を確認する", "check the signature's DNS records"},
     "todoku dkim check {3}"},
    {"check_dns", {"DNSの設定を確認する", "check the server's names in DNS"}, "todoku doctor"},
    {"check_tls", {"TLSの状況を見る", "see how TLS goes"}, "todoku tls-report show"},
    {"slow_down", {"送信速度の設定を見る", "see how fast it is sent to"}, "todoku shaping show {1}"},
    {"report_unknown", {"ルールの候補を作る", "have a rule suggested"}, "todoku rules suggest FILE"},
});

/// A shell takes it as one word.
std::string shell_word(const std::string& text, std::string_view stand_in) {
  if (text.empty()) return std::string(stand_in);
  const bool plain = std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("@._-+=:/").find(c) != std::string_view::npos;
  });
  if (plain && !text.starts_with('-')) return text;
  std::string quoted = "'";
  for (const char c : one_line(text)) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::vector<RemedyAction> actions_of(Reason reason, const ActionSubject& subject, Language language) {
  std::vector<RemedyAction> actions;
  for (const std::string& word : bounce::explain(reason, language).actions) {
    const auto* const known = std::ranges::find(kKnown, word, &Known::action);
    if (known == kKnown.end()) continue;
    actions.push_back({known->action, known->label.in(language),
                       fmt::format(fmt::runtime(known->command), shell_word(subject.campaign, "CAMPAIGN"),
                                   shell_word(subject.address, "ADDRESS"), bounce::to_string(reason),
                                   shell_word(subject.sender.substr(subject.sender.find('@') + 1), "DOMAIN"))});
  }
  return actions;
}

std::string action_lines(Reason reason, const ActionSubject& subject, Language language, int indent) {
  std::string out;
  for (const RemedyAction& one : actions_of(reason, subject, language)) {
    out += fmt::format("{:{}}→ {}: {}\n", "", indent, one.label, one.command);
  }
  return out;
}

bool asks_by_another_channel(Reason reason) {
  const auto& actions = bounce::explain(reason, Language::en).actions;
  return std::ranges::find(actions, "other_channel") != actions.end();
}

std::string other_channels(const audience::Contact& contact) {
  std::string out = one_line(contact.name);
  for (const auto& [name, value] : contact.fields) {
    if (value.empty()) continue;
    out += fmt::format("{}{}: {}", out.empty() ? "" : "  ", one_line(name), one_line(value));
  }
  return out;
}

}  // namespace todoku::app
