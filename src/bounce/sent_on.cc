#include "bounce/sent_on.h"

#include <algorithm>
#include <span>

#include "base/ascii.h"
#include "bounce/address_scan.h"

namespace todoku::bounce {
namespace {

constexpr int kHeadLines = 9;

constexpr std::string_view kFrom[] = {
    "from",   "von",      "de",        "da",        "van",   "fra",         "från",        "od",      "feladó",
    "kimden", "gönderen", "от",        "От",        "від",   "Від",         "Από",         "差出人",  "送信者",
    "发件人", "寄件者",   "보낸 사람", "lähettäjä", "de la", "отправитель", "Отправитель", "nadawca", "odesílatel"};
constexpr std::string_view kSubject[] = {"subject", "betreff", "objet", "asunto",  "assunto", "oggetto", "onderwerp",
                                         "emne",    "ämne",    "Ämne",  "aihe",    "temat",   "předmět", "Předmět",
                                         "predmet", "tárgy",   "Tárgy", "subiect", "тема",    "Тема",    "konu",
                                         "Θέμα",    "件名",    "主题",  "主題",    "主旨",    "제목"};

struct Field {
  std::string_view name, value;
};

/// "Objet : Non remis", "*Von:* postmaster@…", "件名：…".
Field field_of(std::string_view line) {
  constexpr std::string_view kWide = "：";
  constexpr std::size_t kLongestName = 24;
  const std::size_t narrow = line.find(':'), wide = line.find(kWide);
  const std::size_t at = std::min(narrow, wide);
  if (at > kLongestName) return {};
  const auto bare = [](std::string_view s) {
    s = base::trim(s);
    while (s.starts_with("\xC2\xA0")) s = base::trim(s.substr(2));
    while (s.ends_with("\xC2\xA0")) s = base::trim(s.substr(0, s.size() - 2));
    while (s.starts_with('*')) s.remove_prefix(1);
    while (s.ends_with('*')) s.remove_suffix(1);
    return base::trim(s);
  };
  return {bare(line.substr(0, at)), bare(line.substr(at + (at == narrow ? 1 : kWide.size())))};
}

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view one) { return base::iequals(name, one); });
}

/// The line at `pos`, which moves behind it.
std::string_view next_line(std::string_view text, std::size_t& pos) {
  const std::size_t end = std::min(text.find('\n', pos), text.size());
  const std::string_view line = text.substr(pos, end - pos);
  pos = std::min(end + 1, text.size());
  return line;
}

/// The head whose sender's line was read, if it goes on as a head.
std::optional<SentOn> rest_of_head(std::string_view text, std::string_view from, std::size_t pos) {
  SentOn head{from, {}, {}, pos};
  for (int i = 0; i < kHeadLines && head.end < text.size(); ++i) {
    const std::string_view line = next_line(text, head.end);
    if (base::trim(line).empty()) break;
    const Field field = field_of(line);
    if (is_one_of(field.name, kSubject))
      head.subject = field.value;
    else if (head.to.empty() && !find_addresses(field.value, 1).empty())
      head.to = field.value;
  }
  if (head.subject.empty()) return std::nullopt;
  return head;
}

}  // namespace

std::optional<SentOn> sent_on_head(std::string_view text) {
  for (std::size_t pos = 0; pos < text.size();) {
    const Field field = field_of(next_line(text, pos));
    if (field.value.empty() || !is_one_of(field.name, kFrom)) continue;
    if (auto head = rest_of_head(text, field.value, pos)) return head;
  }
  return std::nullopt;
}

std::string as_mail(const SentOn& head, std::string_view text) {
  std::string out = "From: ";
  out += head.from;
  if (!head.to.empty()) (out += "\nTo: ") += head.to;
  (out += "\nSubject: ") += head.subject;
  out += "\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";
  out += text.substr(head.end);
  return out;
}

}  // namespace todoku::bounce
