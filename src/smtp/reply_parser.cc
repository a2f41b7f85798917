#include "smtp/reply_parser.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::smtp {
namespace {

// The code of "250 text", "250-text" or "250"; 0: none.
int code_of(std::string_view line) {
  if (line.size() < 3 || line[0] < '2' || line[0] > '5') return 0;
  if (!base::ascii_digit(line[1]) || !base::ascii_digit(line[2])) return 0;
  if (line.size() > 3 && line[3] != ' ' && line[3] != '-') return 0;
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

}  // namespace

ReplyParser::Step ReplyParser::fail(std::string_view why) {
  constexpr std::size_t kShown = 100;
  error_ = std::string(why);
  if (!line_.empty()) error_ += ": " + line_.substr(0, kShown);
  return Step::broken;
}

void ReplyParser::begin_reply() {
  complete_ = false;
  reply_.code = 0;
  reply_.status.reset();
  lines_ = 0;
  size_ = 0;
}

void ReplyParser::keep(std::string_view text) {
  if (lines_ == kLinesKept) return;
  // Assigning reuses the line's memory: the usual one-line reply allocates nothing.
  if (lines_ < reply_.lines.size())
    reply_.lines[lines_].assign(text);
  else
    reply_.lines.emplace_back(text);
  if (lines_++ == 0) reply_.status = EnhancedStatus::parse(text.substr(0, text.find(' ')));
}

ReplyParser::Line ReplyParser::end_line() {
  std::string_view line = line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  int code = code_of(line);
  // A reply of several lines bears one code; of two kinds in one reply there is no telling which was meant.
  if (code == 0 || (reply_.code != 0 && reply_.code / 100 != code / 100)) return Line::broken;
  reply_.code = code;
  bool last = line.size() < 4 || line[3] == ' ';
  keep(line.substr(std::min<std::size_t>(line.size(), 4)));
  line_.clear();
  if (!last) return Line::more;
  reply_.lines.resize(lines_);
  complete_ = true;
  return Line::last;
}

ReplyParser::Step ReplyParser::parse(std::string_view& bytes) {
  if (!error_.empty()) return Step::broken;
  if (complete_) begin_reply();
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto taken = std::min(end, bytes.size());
    auto room = kLineKept - std::min(kLineKept, line_.size());
    line_.append(bytes.substr(0, std::min(taken, room)));
    size_ += taken + 1;
    bytes.remove_prefix(end == bytes.npos ? taken : taken + 1);
    if (size_ > kReplyLimit) return fail("a reply of more than 4 MiB");
    if (end == bytes.npos) break;
    auto line = end_line();
    if (line == Line::broken) return fail("not an SMTP reply");
    if (line == Line::last) return Step::reply;
  }
  // Refused at once rather than waited for: a peer that is no SMTP server may never send a line end.
  if (line_.size() > 4 && code_of(line_) == 0) return fail("not an SMTP reply");
  return Step::more;
}

}  // namespace todoku::smtp
