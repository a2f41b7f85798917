#include "app/explain_command_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "app/phrase.h"
#include "app/remedy_actions.h"
#include "mail/utf8.h"

namespace todoku::app {
namespace {

namespace json = boost::json;
using bounce::Diagnosis;
using bounce::Language;

constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kGreen = "\033[32m";

std::string utf8(std::string_view text) { return mail::is_utf8(text) ? std::string(text) : mail::utf8_scrub(text); }

void put(json::object& object, std::string_view name, std::string_view value) {
  if (!value.empty()) object[name] = utf8(value);
}

json::object fields(const Diagnosis& d) {
  json::object out;
  out["address"] = utf8(d.address);
  put(out, "original_recipient", d.original_recipient);
  out["reason"] = bounce::to_string(d.reason);
  out["effect"] = bounce::to_string(d.effect);
  out["who_acts"] = bounce::to_string(d.who_acts);
  out["permanent"] = d.permanent;
  if (d.status) out["status"] = d.status->to_string();
  if (d.reply_code) out["reply_code"] = *d.reply_code;
  if (d.stage != smtp::Stage::none) out["stage"] = smtp::to_string(d.stage);
  put(out, "diagnostic", d.diagnostic);
  put(out, "remote_mta", d.remote_mta);
  put(out, "provider", d.provider);
  if (d.other_reason) out["other_reason"] = bounce::to_string(*d.other_reason);
  json::array evidence;
  for (const bounce::Evidence& one : d.evidence) {
    json::object item;
    put(item, "rule", one.rule);
    item["quote"] = utf8(one.quote);
    evidence.push_back(std::move(item));
  }
  out["evidence"] = std::move(evidence);
  return out;
}

json::object original_fields(const bounce::OriginalMail& original) {
  json::object out;
  put(out, "message_id", original.message_id);
  put(out, "return_path", original.return_path);
  put(out, "subject", original.subject);
  put(out, "from", original.from);
  put(out, "to", original.to);
  put(out, "date", original.date);
  return out;
}

json::object mail_object(const ExplainSource& source, const bounce::Report& report) {
  json::object out;
  out["file"] = utf8(source.file);
  if (source.message > 0) out["message"] = source.message;
  out["kind"] = bounce::to_string(report.kind);
  put(out, "format", report.format);
  json::array recipients;
  for (const Diagnosis& one : report.recipients) recipients.push_back(fields(one));
  out["recipients"] = std::move(recipients);
  if (json::object original = original_fields(report.original); !original.empty())
    out["original"] = std::move(original);
  if (report.limited) out["limited"] = true;
  return out;
}

std::string_view kind_name(bounce::Kind kind, Language language) {
  constexpr std::string_view kEnglish[] = {"bounce",         "delay notice",    "delivery notice",
                                           "spam complaint", "automatic reply", "not a notice"};
  constexpr std::string_view kJapanese[] = {"エラーメール",   "遅延通知", "配信成功の通知",
                                            "迷惑メール報告", "自動返信", "エラーメールではありません"};
  const auto index = static_cast<std::size_t>(kind);
  return language == Language::ja ? kJapanese[index] : kEnglish[index];
}

std::string_view colour_of(bounce::Effect effect) {
  if (effect == bounce::Effect::hard || effect == bounce::Effect::unsubscribe) return kRed;
  return effect == bounce::Effect::none ? kGreen : kYellow;
}

/// "550 5.1.1, mx.example.jp"
std::string by_whom(const Diagnosis& d) {
  std::string out;
  if (d.reply_code) out += std::to_string(*d.reply_code);
  if (d.status) out += (out.empty() ? "" : " ") + d.status->to_string();
  if (!d.remote_mta.empty()) out += (out.empty() ? "" : ", ") + one_line(d.remote_mta);
  return out;
}

}  // namespace

std::string ExplainPrinter::painted(std::string_view colour, std::string_view text) const {
  if (!colours_) return std::string(text);
  return fmt::format("{}{}\033[0m", colour, text);
}

std::string ExplainPrinter::paragraph(const Diagnosis& d) const {
  const bool ja = language_ == Language::ja;
  const bounce::Explanation& words = bounce::explain(d.reason, language_);
  const std::string address =
      d.address.empty() ? (ja ? "(宛先の記載なし)" : "(no address named)") : one_line(d.address);
  std::string sent_to;
  if (!d.original_recipient.empty())
    sent_to = fmt::format(fmt::runtime(ja ? " ({} から転送)" : " (forwarded from {})"), one_line(d.original_recipient));
  std::string name = words.name;
  if (d.other_reason) name += (ja ? "、または " : ", or: ") + bounce::explain(*d.other_reason, language_).name;
  const std::string whom = by_whom(d);
  std::string out = fmt::format("  {}{}: {}{}\n", painted(kBold, address), sent_to, painted(colour_of(d.effect), name),
                                whom.empty() ? "" : painted(kDim, " (" + whom + ")"));
  out += fmt::format("    {} {}\n", ja ? "原因:" : "Why:", words.why);
  out += fmt::format("    {} {}\n", ja ? "誰が:" : "Who acts:", words.who);
  out += fmt::format("    {} {}\n", ja ? "対処:" : "What to do:", words.what);
  // Whom the sender knows, and has on the list.
  const std::string& known = d.original_recipient.empty() ? d.address : d.original_recipient;
  out += action_lines(d.reason, {.address = known}, language_, 6);
  if (!d.evidence.empty() && !d.evidence.front().quote.empty()) {
    out += painted(kDim, fmt::format("    {} “{}”",
                                     ja ? "サーバーの言葉:" : "The server said:", one_line(d.evidence.front().quote))) +
           "\n";
  }
  return out;
}

std::string ExplainPrinter::between(bool first) const {
  if (format_ == ExplainFormat::json) return first ? "[" : ",\n ";
  return format_ == ExplainFormat::text && !first ? "\n" : "";
}

std::string ExplainPrinter::mail(const ExplainSource& source, const bounce::Report& report, bool first) const {
  std::string out = between(first);
  if (format_ != ExplainFormat::text) {
    out += json::serialize(mail_object(source, report));
    if (format_ == ExplainFormat::jsonl) out += '\n';
    return out;
  }
  out += painted(kBold, one_line(source.file));
  if (source.message > 0) out += fmt::format(" [{}]", source.message);
  // A report on a mail's authentication tells of no mail's fate, but of what to do all the same.
  const bool authentication = report.kind == bounce::Kind::other && !report.recipients.empty();
  const std::string_view kind = !authentication             ? kind_name(report.kind, language_)
                                : language_ == Language::ja ? "送信ドメイン認証の報告"
                                                            : "authentication report";
  out += fmt::format(": {}\n", kind);
  for (const Diagnosis& one : report.recipients) out += paragraph(one);
  return out;
}

std::string ExplainPrinter::reply(int line, const Diagnosis& diagnosis, bool first) const {
  std::string out = between(first);
  if (format_ == ExplainFormat::text) {
    Diagnosis shown = diagnosis;
    if (shown.address.empty()) shown.address = fmt::format("{}:{}", line, diagnosis.remote_mta);
    return out + paragraph(shown);
  }
  const bool arrived = diagnosis.reason == bounce::Reason::delivered;
  json::object object = fields(diagnosis);
  object["line"] = line;
  object["kind"] = bounce::to_string(arrived               ? bounce::Kind::delivered
                                     : diagnosis.permanent ? bounce::Kind::bounce
                                                           : bounce::Kind::delay);
  out += json::serialize(object);
  if (format_ == ExplainFormat::jsonl) out += '\n';
  return out;
}

std::string ExplainPrinter::end(bool nothing) const {
  if (format_ != ExplainFormat::json) return "";
  return nothing ? "[]\n" : "]\n";
}

}  // namespace todoku::app
