#include "bounce/bare_name.h"

#include <algorithm>

#include "base/ascii.h"
#include "mail/organisational_domain.h"

namespace todoku::bounce {
namespace {

using base::trim;

constexpr std::size_t kToLimit = 4096;  // it is looked through for each name

constexpr bool name_char(char c) {
  return base::ascii_alpha(c) || base::ascii_digit(c) || c == '.' || c == '_' || c == '-';
}

constexpr std::string_view kSenderLabels[] = {"from",         "sender",
                                              "reply-to",     "message-id",
                                              "cc",           "envelope-from",
                                              "mail from",    "von",
                                              "absender",     "de",
                                              "expéditeur",   "remitente",
                                              "remetente",    "mittente",
                                              "da",           "van",
                                              "afzender",     "från",
                                              "avsändare",    "fra",
                                              "afsender",     "avsender",
                                              "lähettäjä",    "od",
                                              "nadawca",      "odesílatel",
                                              "odosielateľ",  "feladó",
                                              "expeditor",    "gönderen",
                                              "kimden",       "от",
                                              "От",           "от кого",
                                              "От кого",      "отправител",
                                              "Отправител",   "відправник",
                                              "Відправник",   "αποστολέας",
                                              "Αποστολέας",   "差出人",
                                              "送信者",       "送信元",
                                              "発信者",       "发件人",
                                              "發件人",       "发信人",
                                              "寄件人",       "寄件者",
                                              "보낸 사람",    "보낸사람",
                                              "보내는 사람",  "발신자",
                                              "người gửi",    "pengirim",
                                              "return-path",  "sender address",
                                              "from address", "original sender",
                                              "message id",   "your address"};

/// The beginning of a line without its blanks, those of East Asia included, which set labels apart ("差 出 人 ：").
std::string without_blanks(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size() && out.size() < 40;) {
    const bool wide = line.substr(i).starts_with("　");
    if (!wide && !base::ascii_blank(line[i])) out += line[i];
    i += wide ? std::string_view("　").size() : 1;
  }
  return out;
}

/// A colon follows the label, perhaps behind the end of its word.
bool labelled(std::string_view line, std::string_view label) {
  if (!base::istarts_with(line, label)) return false;
  line.remove_prefix(label.size());
  for (const std::string_view ending : {"ь", "ю", "я"})
    if (line.starts_with(ending)) line.remove_prefix(ending.size());
  line = trim(line);
  return line.starts_with(':') || line.starts_with("：");
}

}  // namespace

BareName bare_name_on(std::string_view line) {
  if (line.empty() || !base::ascii_blank(line.front())) return {};
  line = trim(line);
  BareName out;
  const std::size_t end = static_cast<std::size_t>(std::ranges::find_if_not(line, name_char) - line.begin());
  out.name = line.substr(0, end);
  if (out.name.size() < 3 || out.name.size() > 40) return {};
  const std::string_view rest = line.substr(end);
  out.why = trim(rest);
  out.in_columns = rest.starts_with("  ") || rest.starts_with('\t');
  const bool in_brackets = rest.starts_with(" (") && rest.ends_with(')');
  return rest.empty() || in_brackets || out.in_columns ? out : BareName{};
}

std::string address_of_name(const Notice& notice, std::string_view name) {
  const std::string_view to = mail::find_field(notice.original, "To").substr(0, kToLimit);
  for (const FoundAddress& found : find_addresses(to, 100)) {
    const std::string_view address = found.in(to);
    if (base::iequals(address.substr(0, address.rfind('@')), name)) return std::string(address);
  }
  const std::string& reporter = notice.from_address;
  const std::string host = base::ascii_lower(std::string_view(reporter).substr(reporter.rfind('@') + 1));
  return std::string(name) + '@' + mail::organisational_domain(host);
}

bool names_sender(std::string_view text, std::span<const TextLine> lines, std::size_t line) {
  std::string_view words = trim(lines[line].in(text));
  words.remove_prefix(std::min(words.find_first_not_of("*-> \t"), words.size()));
  const std::string close = without_blanks(words);
  const auto begins = [&](std::string_view label) { return labelled(words, label) || labelled(close, label); };
  if (std::ranges::any_of(kSenderLabels, begins)) return true;
  std::size_t before = line;
  while (before > 0 && trim(lines[before - 1].in(text)).empty()) --before;
  if (before == 0) return false;
  const std::string above = base::ascii_lower(trim(lines[before - 1].in(text)));
  constexpr std::string_view kEnds[] = {"sent by",        "sender:",       "message from", "the sender is",
                                        "sender was",     "absender war",  "absender ist", "expéditeur était",
                                        "expéditeur est", "remitente era", "remitente es", "mittente era",
                                        "mittente è"};
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return above.ends_with(end); });
}

}  // namespace todoku::bounce
