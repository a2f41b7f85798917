// Where a notice ends and the mail that it returns begins.
#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "bounce/notice.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t npos = std::string_view::npos;

/// Fields that only a mail's own header has; a notice's summary of it ("From: … Subject: …") has none of them.
constexpr std::array<std::string_view, 8> kOwnFields = {"received:",
                                                        "return-path:",
                                                        "message-id:",
                                                        "dkim-signature:",
                                                        "x-received:",
                                                        "delivered-to:",
                                                        "authentication-results:",
                                                        "arc-seal:"};
constexpr std::array<std::string_view, 8> kFields = {
    "from:", "to:", "subject:", "date:", "cc:", "reply-to:", "sender:", "x-mailer:"};

std::string_view line_at(std::string_view text, std::size_t pos) {
  return text.substr(pos, std::min(text.find('\n', pos), text.size()) - pos);
}

bool starts_with_any(std::string_view line, auto&& names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return base::istarts_with(line, name); });
}

bool own_field(std::string_view line) {
  return starts_with_any(line, kOwnFields) || (base::istarts_with(line, "x-") && line.substr(0, 40).find(": ") != npos);
}

/// Words and no field: a notice that sums up a mail's header goes on talking below it, a returned mail's ends blank.
bool sentence(std::string_view line) {
  const std::size_t word = line.find_first_not_of("-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return word != npos && word > 0 && line.front() != '-' && line[word] == ' ' && line.find(' ', word + 1) != npos &&
         !line.starts_with("From ");
}

/// Whether a mail's header begins at `pos`: a field of its own, or the second line of two fields is one.
bool header_begins(std::string_view text, std::size_t pos) {
  const std::string_view line = line_at(text, pos);
  if (!own_field(line) && !starts_with_any(line, kFields)) return false;
  bool own = own_field(line);
  int fields = 1;
  std::size_t next = pos + line.size() + 1;
  for (int i = 0; i < 12 && next < text.size(); ++i) {
    const std::string_view more = line_at(text, next);
    next += more.size() + 1;
    if (!more.empty() && base::ascii_blank(more.front())) continue;
    if (base::trim(more).empty()) break;
    if (sentence(more)) return false;
    if (!own_field(more) && !starts_with_any(more, kFields)) break;
    own = own || own_field(more);
    ++fields;
  }
  return own && (fields >= 2 || base::istarts_with(line, "received:") || base::istarts_with(line, "return-path:"));
}

/// A cue stands on a line that announces: nothing but a title, dashes around it or at its end a colon or dot.
bool announces(std::string_view text, const CueHit& cue) {
  const std::size_t begin = cue.begin == 0 ? 0 : text.rfind('\n', cue.begin) + 1;
  const std::string_view line = base::trim(line_at(text, std::min(begin, text.size())));
  return line.size() < 120 && (line.empty() || line.front() != '>');
}

}  // namespace

std::size_t header_begin(std::string_view text) {
  std::size_t pos = 0;
  bool dashes = false;
  while (pos < text.size()) {
    const std::string_view line = line_at(text, pos);
    const std::string_view bare = base::trim(line);
    // At the very beginning it is the notice that begins so, not a returned mail.
    if (pos > 0 && header_begins(text, pos)) return pos;
    if (dashes && (own_field(bare) || starts_with_any(bare, kFields)) && !base::istarts_with(bare, "content-type:"))
      return pos;
    if (!bare.empty()) dashes = bare.size() >= 3 && bare.starts_with("--");
    pos += line.size() + 1;
  }
  return text.size();
}

std::size_t original_begin(std::string_view words, std::span<const CueHit> cues) {
  for (const CueHit& cue : cues) {
    if (cue.cue != Cue::original || !announces(words, cue)) continue;
    const std::size_t line_end = std::min(words.find('\n', cue.end), words.size());
    if (base::trim(words.substr(0, cue.begin)).size() < 20 && line_end < words.size()) continue;  // a title at the top
    const std::size_t line = cue.begin == 0 ? npos : words.rfind('\n', cue.begin);
    return line == npos ? 0 : line + 1;
  }
  return words.size();
}

}  // namespace todoku::bounce
