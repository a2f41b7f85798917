#include "bounce/reply_scan.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::bounce {
namespace {

using base::ascii_alpha;
using base::ascii_blank;
using base::ascii_digit;

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kScanned = 16 * 1024;

char at(std::string_view text, std::size_t i) { return i < text.size() ? text[i] : '\0'; }

/// The length of an enhanced status that begins at `i`, 0 where none does; an IP address is none.
std::size_t status_length(std::string_view text, std::size_t i) {
  if (at(text, i) != '4' && at(text, i) != '5' && at(text, i) != '2') return 0;
  if (i > 0 && (ascii_digit(text[i - 1]) || text[i - 1] == '.' || ascii_alpha(text[i - 1]))) return 0;
  std::size_t pos = i + 1;
  for (int part = 0; part < 2; ++part) {
    if (at(text, pos) != '.') return 0;
    std::size_t digits = 0;
    while (digits < 4 && ascii_digit(at(text, pos + 1 + digits))) ++digits;
    if (digits == 0 || digits > 3) return 0;
    pos += 1 + digits;
  }
  if (at(text, pos) == '.' && ascii_digit(at(text, pos + 1))) return 0;
  if (ascii_digit(at(text, pos)) || ascii_alpha(at(text, pos))) return 0;
  return pos - i;
}

bool ends_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && base::iequals(text.substr(text.size() - word.size()), word);
}

/// Whether a number after `before` can be a reply's code, by what stands there.
bool code_may_follow(std::string_view before) {
  bool line_start = before.empty();
  while (!before.empty() && base::ascii_space(before.back())) {
    line_start = line_start || before.back() == '\n';
    before.remove_suffix(1);
  }
  if (line_start || before.empty()) return true;
  if (std::string_view(":<>('\"]=[;,-`").find(before.back()) != npos) return true;
  for (const std::string_view word :
       {"code",       "error",  "said",   "reply", "with", "smtp",   "response", "returned", "status", "is", "was",
        "because of", "reason", "failed", "esmtp", "dns",  "エラー", ":",        "(",        "“",      "..."}) {
    if (ends_with_word(before, word)) return true;
  }
  return false;
}

/// Whether a three digit number that ends at `end` has what follows a reply's code.
bool code_may_end(std::string_view text, std::size_t end) {
  const char c = at(text, end);
  return c == '\0' || c == ' ' || c == '-' || c == ':' || c == '\n' || c == '\t' || c == ',' || c == ')' || c == '\'' ||
         c == '#' || c == '"' || c == '_' || c == '/' || c == '\r';
}

struct Found {
  std::size_t pos = npos;
  int value = 0;
};

Found find_code(std::string_view text) {
  for (std::size_t i = 0; i + 2 < text.size(); ++i) {
    if ((text[i] != '4' && text[i] != '5') || !ascii_digit(text[i + 1]) || !ascii_digit(text[i + 2])) continue;
    if (text[i + 1] > '7' || !code_may_end(text, i + 3)) continue;
    if (i > 0 && (ascii_digit(text[i - 1]) || ascii_alpha(text[i - 1]) || text[i - 1] == '.' || text[i - 1] == '_'))
      continue;
    std::size_t after = i + 3;
    while (ascii_blank(at(text, after)) || at(text, after) == '-' || at(text, after) == '#') ++after;
    if (status_length(text, after) == 0 && !code_may_follow(text.substr(0, i))) continue;
    return {i, (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0')};
  }
  return {};
}

Found find_status(std::string_view text, std::optional<smtp::EnhancedStatus>& status) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t length = text[i] >= '2' && text[i] <= '5' ? status_length(text, i) : 0;
    if (length == 0) continue;
    status = smtp::EnhancedStatus::parse(text.substr(i, length));
    if (status && status->klass != 2) return {i, 0};
    status.reset();
  }
  return {};
}

constexpr bool host_char(char c) { return ascii_alpha(c) || ascii_digit(c) || c == '.' || c == '-' || c == '_'; }

std::string_view host_at(std::string_view text, std::size_t i) {
  while (ascii_blank(at(text, i)) || at(text, i) == '<' || at(text, i) == '[') ++i;
  std::size_t end = i;
  while (end < text.size() && (host_char(text[end]) || (text[end] == ':' && end > i && text[i] != 'm'))) ++end;
  std::string_view host = text.substr(i, end - i);
  while (!host.empty() && (host.back() == '.' || host.back() == ':')) host.remove_suffix(1);
  return host.find('.') == npos && host.find(':') == npos ? std::string_view{} : host;
}

/// "mx.example.net[192.0.2.1]" or "mx.example.net [192.0.2.1]": the name before the bracket.
std::string_view host_before_bracket(std::string_view text) {
  for (std::size_t open = text.find('['); open != npos; open = text.find('[', open + 1)) {
    if (!ascii_digit(at(text, open + 1)) && !base::istarts_with(text.substr(open + 1), "IPv6")) continue;
    std::size_t end = open;
    if (end > 0 && text[end - 1] == ' ') --end;
    std::size_t begin = end;
    while (begin > 0 && host_char(text[begin - 1])) --begin;
    std::string_view host = text.substr(begin, end - begin);
    while (!host.empty() && host.back() == '.') host.remove_suffix(1);
    if (host.find('.') != npos && (begin == 0 || text[begin - 1] != '@')) return host;
  }
  return {};
}

std::string_view find_host(std::string_view text) {
  if (const auto host = host_before_bracket(text); !host.empty()) return host;
  for (const std::string_view word :
       {"while talking to ", "host ", "Server ", "Remote server at ", "MX ", "Connected to "}) {
    for (std::size_t pos = text.find(word); pos != npos; pos = text.find(word, pos + 1)) {
      if (pos > 0 && (ascii_alpha(text[pos - 1]) || text[pos - 1] == '-')) continue;
      if (const auto host = host_at(text, pos + word.size()); !host.empty()) return host;
    }
  }
  return {};
}

/// The code and its separator that each line of a long reply repeats, and its status: taken away where they come again.
std::string_view without_repeat(std::string_view line, std::string_view code, std::string_view status) {
  if (code.empty() || !line.starts_with(code)) return line;
  if (line.size() > 3 && line[3] != '-' && line[3] != ' ') return line;
  line.remove_prefix(std::min<std::size_t>(4, line.size()));
  if (!status.empty() && line.starts_with(status)) line.remove_prefix(status.size());
  return base::trim(line);
}

/// The lines of a long reply that begins at `at`, each with the code, the last with a blank behind it; else empty.
std::string reply_at(std::string_view words, std::size_t at, std::string_view code) {
  std::string out;
  for (std::size_t pos = at; pos < words.size() && out.size() < kScanned;) {
    const std::size_t end = std::min(words.find('\n', pos), words.size());
    std::string_view line = base::trim(words.substr(pos, end - pos));
    pos = end + 1;
    if (line.starts_with("<<< ")) line.remove_prefix(4);
    if (!line.starts_with(code)) break;
    out += line;
    out += '\n';
    if (line.size() > 3 && line[3] != '-') return out;
  }
  return {};
}

/// But for the first `keep` bytes of each.
void erase_all(std::string& text, std::string_view what, std::size_t from, std::size_t keep = 0) {
  for (std::size_t at = text.find(what, from); at != std::string::npos; at = text.find(what, at))
    text.erase(at + keep, what.size() - keep);
}

/// The same in a reply whose lines a header's folding has already joined: "550-5.7.1 one 550-5.7.1 two 550 5.7.1
/// three".
void without_repeats_inside(std::string& text) {
  if (text.size() < 8 || text[3] != '-' || !ascii_digit(text[0]) || !ascii_digit(text[1]) || !ascii_digit(text[2]))
    return;
  const std::string code = " " + text.substr(0, 3);
  const std::string status = text.substr(4, status_length(text, 4));
  if (!status.empty()) {
    erase_all(text, code + "-" + status, 4);
    erase_all(text, code + " " + status, 4);
  } else {
    erase_all(text, code + "-", 4, 1);
  }
}

/// In a transcript a reply follows its command; a reporter that quotes the reply alone names the command where it will.
smtp::Stage stage_of_reply(std::span<const CueHit> cues, std::size_t begin) {
  smtp::Stage stage = smtp::Stage::none;
  for (const CueHit& cue : cues) {
    if (cue.cue != Cue::stage) continue;
    if (stage == smtp::Stage::none || (begin != npos && cue.end <= begin)) stage = cue.stage;
  }
  return stage;
}

/// A transcript's line of our own side: ">>> RCPT To:<a@b.example>".
bool is_command(std::string_view line) {
  if (!line.starts_with(">>> ")) return false;
  line.remove_prefix(4);
  constexpr std::string_view kVerbs[] = {"rcpt", "mail", "data", "ehlo", "helo", "rset", "quit", "starttls", "bdat"};
  return std::ranges::any_of(kVerbs, [&](std::string_view verb) { return base::istarts_with(line, verb); });
}

}  // namespace

ReplyFacts scan_reply(std::string_view text, std::span<const CueHit> cues) {
  ReplyFacts facts;
  const std::string_view scanned = text.substr(0, kScanned);
  const Found code = find_code(scanned);
  if (code.pos != npos) facts.code = code.value;
  const Found status = find_status(code.pos == npos ? scanned : scanned.substr(code.pos), facts.status);
  facts.begin = code.pos != npos ? code.pos : status.pos;
  if (facts.begin == npos && code.pos == npos) facts.begin = npos;
  const std::string_view before = facts.begin == npos ? scanned : scanned.substr(0, facts.begin);
  facts.host = find_host(before);
  facts.stage = stage_of_reply(cues, facts.begin);
  return facts;
}

std::string_view servers_words(std::string_view text, std::size_t begin) {
  const std::string_view words = text.substr(begin);
  const bool reason = ends_with_word(base::trim(text.substr(0, begin)), "(reason:");
  std::size_t end = std::min(words.find("\n\n"), words.size());
  if (reason) {
    int open = 0;
    for (std::size_t i = 0; i < end; ++i) {
      open += words[i] == '(' ? 1 : words[i] == ')' ? -1 : 0;
      if (open < 0) end = i;
    }
  }
  for (std::size_t pos = words.find('\n'); pos < end; pos = words.find('\n', pos + 1)) {
    const std::string_view line = base::trim(words.substr(pos, 40));
    if (line.starts_with("...") || line.starts_with(">>>") || line.starts_with("-----") || line.starts_with("====="))
      end = pos;
  }
  return words.substr(0, end);
}

std::string whole_reply(std::string_view words, std::string_view first_line) {
  if (first_line.size() < 8 || first_line[3] != '-' || !ascii_digit(first_line[0])) return {};
  const std::string_view start = first_line.substr(0, 40);
  int tried = 0;
  for (std::size_t at = words.find(start); at != npos && tried < 20; at = words.find(start, at + 1), ++tried) {
    if (std::string out = reply_at(words, at, first_line.substr(0, 3)); !out.empty()) return out;
  }
  return {};
}

std::string joined_reply(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  std::string_view code;
  std::string_view status;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = base::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_command(line)) continue;
    if (line.starts_with("<<< ")) line.remove_prefix(4);
    if (code.empty() && line.size() > 3 && line[3] == '-' && ascii_digit(line[0]) && ascii_digit(line[1]) &&
        ascii_digit(line[2])) {
      code = line.substr(0, 3);
      status = line.substr(4, status_length(line, 4));
    } else {
      line = without_repeat(line, code, status);
    }
    if (line.empty()) continue;
    if (!out.empty()) out += ' ';
    out += line;
  }
  without_repeats_inside(out);
  return out;
}

}  // namespace todoku::bounce
