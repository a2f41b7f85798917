#include "bounce/heading.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"

namespace todoku::bounce {
namespace {

using base::ascii_blank;
using base::ascii_digit;
using base::trim;

constexpr std::size_t npos = std::string_view::npos;

constexpr std::string_view kLabels[] = {
    "recipient:",        "recipients:",
    "final-recipient:",  "original-recipient:",
    "rcpt to:",          "error-for:",
    "address:",          "user:",
    "failed recipient:", "recipient address:",
    "empfänger:",        "destinataire:",
    "destinatario:",     "destinatário:",
    "受信者:",           "受信者：",
    "受信者　",          "送信先:",
    "送信先：",          "送信先　",
    "あて先:",           "あて先：",
    "收件人:",           "收件人：",
    "mailbox:",          "e-mail address:",
    "undeliverable to:", "delivered to:",
    "получатель:",       "адресат:",
};
constexpr std::string_view kWeakLabels[] = {
    "to:", "for:", "an:", "e-mail:", "email:", "宛先:", "宛先：", "à:", "para:", "a:"};
constexpr std::string_view kBullets[] = {"•", "・", "「", "■", "○", "●", "‘", "“", "«", "→"};
constexpr std::string_view kSeparators[] = {":",        "[",    "(",    "...", " -",   "\t",  "  ", ";",    ",",
                                            "<mailto:", " on ", " at ", "|",   "（",   "：",  "」", " [",   " (",
                                            " <",       " :",   " 5",   " 4",  " ...", "…",   "様", "さん", " –",
                                            " —",       " →",   "→",    " =>", "=>",   " ->", "->", " =",   "　"};

/// Past an item's number: "1.", "12)".
std::size_t past_number(std::string_view line, std::size_t i) {
  std::size_t end = i;
  while (end < line.size() && end < i + 4 && ascii_digit(line[end])) ++end;
  const bool item = end > i && end + 1 < line.size() && (line[end] == '.' || line[end] == ')') && line[end + 1] == ' ';
  return item ? end + 2 : i;
}

/// Past blanks, those of East Asia included.
std::size_t past_blanks(std::string_view line, std::size_t i) {
  constexpr std::string_view kWide = "　";
  while (i < line.size() && (ascii_blank(line[i]) || line.substr(i).starts_with(kWide)))
    i += ascii_blank(line[i]) ? 1 : kWide.size();
  return i;
}

/// Past words before an address at a line's end that tell what became of it: "Unknown user: a@b.c", "Delivery failed 20
/// attempts: a@b.c" (IMail).
std::size_t past_cause(std::string_view line) {
  constexpr std::size_t kLongest = 60;
  constexpr std::string_view kWords[] = {"unknown", "exceed",  "invalid", "failed", "full",    "not found",
                                         "no such", "refused", "reject",  "quota",  "expired", "disabled"};
  const std::size_t colon = line.find(':');
  if (colon == npos || colon > kLongest || line.find(": ") != colon) return 0;
  const std::string cause = base::ascii_lower(line.substr(0, colon));
  if (cause.empty() || cause.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789 '") != npos) return 0;
  const bool tells =
      std::ranges::any_of(kWords, [&](std::string_view word) { return cause.find(word) != std::string::npos; });
  const std::string_view rest = trim(line.substr(colon + 1));
  const bool alone = rest.find(' ') == npos && rest.find('@') != npos;
  return tells && alone ? colon + 1 : 0;
}

/// Past bullets, quotes and a label at the front of a line.
std::size_t past_front(std::string_view line, bool& weak) {
  std::size_t i = line.find_first_not_of(" \t>*-\"'([{|=", past_blanks(line, 0));
  if (i == npos) return line.size();
  i = past_number(line, i);
  for (const std::string_view bullet : kBullets) {
    if (line.substr(i).starts_with(bullet)) i += bullet.size();
  }
  const auto take = [&](std::string_view label) {
    if (!base::istarts_with(line.substr(i), label)) return false;
    i += label.size();
    return true;
  };
  if (!std::ranges::any_of(kLabels, take)) weak = std::ranges::any_of(kWeakLabels, take);
  i = past_blanks(line, i);
  if (base::istarts_with(line.substr(i), "rfc822;")) i += 7;
  while (i < line.size() && (ascii_blank(line[i]) || line[i] == '<' || line[i] == '"' || line[i] == '\'')) ++i;
  return i;
}

/// Whether what stands behind an address on its line lets it head a passage: nothing, or a separator.
bool heads(std::string_view rest) {
  rest = rest.substr(std::min(rest.find_first_not_of(">\"')]"), rest.size()));
  if (trim(rest).empty()) return true;
  return std::ranges::any_of(kSeparators, [&](std::string_view separator) { return rest.starts_with(separator); });
}

/// A reply's code, its status and "<": all that may stand before the address in a reply that begins with it.
bool code_alone(std::string_view front) {
  return front.size() >= 4 && (front[0] == '4' || front[0] == '5') && ascii_digit(front[1]) && ascii_digit(front[2]) &&
         front.find_first_not_of("0123456789. -<") == npos;
}

/// Sendmail's transcript: "550 5.1.1 <a@b.c>... User unknown".
bool transcript_line(std::string_view line, std::size_t address_begin, std::string_view behind) {
  return code_alone(line.substr(0, address_begin)) && (behind.starts_with(">...") || behind.starts_with("..."));
}

/// A server's reply that names the address: "550 5.1.1 <a@b.c>: User unknown", "552 a@b.c over quota".
bool reply_line(std::string_view line, std::size_t address_begin, std::string_view behind) {
  return code_alone(line.substr(0, address_begin)) && trim(behind).size() > 4;
}

bool in_list(std::string_view list, const std::string& lower_address) {
  if (list.size() < lower_address.size()) return false;
  const std::string lower = base::ascii_lower(list);
  const std::size_t at = lower.find(lower_address);
  // "bo@here.example" is none of those to whom "jobo@here.example" was written.
  return at != npos && (at == 0 || !(base::ascii_alpha(lower[at - 1]) ||
                                     std::string_view("0123456789._+-").find(lower[at - 1]) != npos));
}

}  // namespace

std::vector<TextLine> lines_of(std::string_view text) {
  std::vector<TextLine> lines;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t end = std::min(text.find('\n', pos), text.size());
    lines.push_back({pos, end});
    pos = end + 1;
  }
  return lines;
}

std::optional<Heading> heading(std::string_view text, const TextLine& line, std::size_t index,
                               std::span<const FoundAddress> on_line) {
  if (on_line.empty()) return std::nullopt;
  // An address as the display name of another: the one in brackets counts.
  const bool doubled =
      on_line.size() > 1 && !on_line[0].bracketed && on_line[1].bracketed && on_line[1].begin - on_line[0].end <= 4;
  const FoundAddress& first = on_line[doubled ? 1 : 0];
  const std::string_view behind = text.substr(first.end, line.end - first.end);
  if (transcript_line(line.in(text), first.begin - line.begin, behind))
    return Heading{index, first, line.begin, true, false};
  if (reply_line(line.in(text), first.begin - line.begin, behind))
    return Heading{index, first, line.begin, false, true};
  if (past_cause(line.in(text)) > 0) return Heading{index, first, line.begin, false, false};
  bool weak = false;
  const std::size_t front = line.begin + past_front(line.in(text), weak);
  std::size_t before = first.begin;
  while (before > line.begin && (text[before - 1] == '<' || ascii_blank(text[before - 1]) || text[before - 1] == '"'))
    --before;
  if (before > front && first.begin > front && !(doubled && on_line[0].begin <= front)) {
    // A display name may stand before: Neko <neko@example.jp>
    const std::string_view tail = trim(behind);
    const std::string_view name = text.substr(front, first.begin - front);
    const bool named = first.bracketed && name.size() < 60 && (tail == ">" || tail == ">:") &&
                       name.find_first_of(":.!?=") == npos && base::ascii_lower(name).find("from ") == npos;
    if (!named) return std::nullopt;
  }
  if (!heads(behind)) return std::nullopt;
  std::size_t rest = first.end;
  while (rest < line.end && std::string_view(">\"')]: \t;,").find(text[rest]) != npos) ++rest;
  return Heading{index, first, rest, false, weak};
}

Owner owner_of(const Notice& notice, std::string_view address) {
  if (base::iequals(address, notice.from_address)) return Owner::reporter;
  const std::string_view local = address.substr(0, address.find('@'));
  for (const std::string_view name : {"postmaster", "mailer-daemon", "abuse", "hostmaster"}) {
    if (base::iequals(local, name)) return Owner::reporter;
  }
  const std::string lower = base::ascii_lower(address);
  for (const std::string_view field :
       {notice.header("To"), notice.header("Delivered-To"), notice.header("X-Original-To"),
        mail::find_field(notice.original, "Return-Path"), mail::find_field(notice.original, "From")}) {
    if (in_list(field, lower)) return Owner::addressee;
  }
  for (const std::string_view name :
       {"support", "help", "helpdesk", "service", "customerservice", "noreply", "no-reply"}) {
    if (base::iequals(local, name)) return Owner::desk;
  }
  for (const std::string_view end : {"-ctl", "-request", "-help", "-owner", "-admin"}) {  // a list's own
    if (local.ends_with(end)) return Owner::desk;
  }
  return Owner::stranger;
}

}  // namespace todoku::bounce
