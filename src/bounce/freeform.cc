#include "bounce/freeform.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/ascii.h"
#include "bounce/address_scan.h"

namespace todoku::bounce {
namespace {

using base::ascii_blank;
using base::trim;

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kPassageLimit = 4096;

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::string_view in(std::string_view text) const { return text.substr(begin, end - begin); }
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t pos = 0; pos < text.size();) {
    const std::size_t end = std::min(text.find('\n', pos), text.size());
    lines.push_back({pos, end});
    pos = end + 1;
  }
  return lines;
}

/// A line that an address heads: "<a@b.c>:", "  a@b.c", "* a@b.c", "a@b.c: 550 …", "To: a@b.c".
struct Heading {
  std::size_t line = 0;
  FoundAddress address;
  std::size_t rest = 0;  // where the line goes on behind the address
};

/// Addresses of the notice's own people: whoever sent it, whom to ask, and who it was sent to.
bool of_the_reporter(const Notice& notice, std::string_view address) {
  if (base::iequals(address, notice.from_address)) return true;
  const std::size_t at = address.find('@');
  const std::string_view local = address.substr(0, at);
  for (const std::string_view name : {"postmaster", "mailer-daemon", "abuse", "hostmaster"}) {
    if (base::iequals(local, name)) return true;
  }
  return false;
}

bool of_the_addressee(const Notice& notice, std::string_view address) {
  for (const std::string_view field :
       {notice.header("To"), notice.header("Delivered-To"), notice.header("X-Original-To")}) {
    if (field.size() >= address.size() && base::ascii_lower(field).find(base::ascii_lower(address)) != npos)
      return true;
  }
  return false;
}

constexpr std::string_view kLabels[] = {
    "to:",
    "recipient:",
    "recipients:",
    "final-recipient:",
    "rcpt to:",
    "error-for:",
    "address:",
    "for:",
    "user:",
    "empfänger:",
    "destinataire:",
    "destinatario:",
    "宛先:",
    "宛先：",
    "送信先:",
    "送信先：",
    "收件人:",
    "收件人：",
    "an:",
    "failed recipient:",
    "e-mail:",
    "email:",
    "受信者:",
    "受信者：",
    "original-recipient:",
    "recipient address:",
    "mailbox:",
    "あて先：",
};

/// Past bullets, quotes and a label at the front of a line.
std::size_t past_front(std::string_view line) {
  std::size_t i = line.find_first_not_of(" \t>*-\"'([{|=");
  if (i == npos) return line.size();
  for (const std::string_view bullet : {"•", "・", "「", "■", "○", "●", "‘", "“", "«", "→"}) {
    if (line.substr(i).starts_with(bullet)) i += bullet.size();
  }
  for (const std::string_view label : kLabels) {
    if (!base::istarts_with(line.substr(i), label)) continue;
    i += label.size();
    if (base::istarts_with(trim(line.substr(i)), "rfc822;")) i = line.find(';', i) + 1;
    break;
  }
  while (i < line.size() && (ascii_blank(line[i]) || line[i] == '<' || line[i] == '"' || line[i] == '\'')) ++i;
  return i;
}

/// Whether what stands behind an address on its line lets it head a passage: nothing, or a separator.
bool heads(std::string_view rest) {
  rest = rest.substr(std::min(rest.find_first_not_of(">\"')]"), rest.size()));
  if (trim(rest).empty()) return true;
  for (const std::string_view separator :
       {":", "[",  "(",  "...", " -", "\t", "  ", ";",  ",",  "<mailto:", " on ", " at ",
        "|", "（", "：", "」",  " [", " (", " <", " :", " :", " 5",       " 4",   "…"}) {
    if (rest.starts_with(separator)) return true;
  }
  return false;
}

std::optional<Heading> heading(std::string_view text, const Line& line, std::size_t index,
                               std::span<const FoundAddress> on_line) {
  if (on_line.empty()) return std::nullopt;
  const std::size_t front = line.begin + past_front(line.in(text));
  const FoundAddress& first = on_line.front();
  std::size_t before = first.begin;
  while (before > line.begin && (text[before - 1] == '<' || ascii_blank(text[before - 1]) || text[before - 1] == '"'))
    --before;
  // A display name may stand before: Neko <neko@example.jp>
  const bool named = first.bracketed && text.substr(front, 1) != "<" && first.begin - front < 60 &&
                     text.substr(front, first.begin - front).find_first_of(":.!?=") == npos;
  const bool alone = heads(text.substr(first.end, line.end - first.end));
  const std::string_view tail = trim(text.substr(first.end, line.end - first.end));
  const bool name_only = named && (tail == ">" || tail == ">:");
  if (before > front && first.begin > front && !name_only) return std::nullopt;
  if (!alone) return std::nullopt;
  std::size_t rest = first.end;
  while (rest < line.end && std::string_view(">\"')]: \t;,").find(text[rest]) != npos) ++rest;
  return Heading{index, first, rest};
}

/// Everything about a notice's words that finding recipients needs, gathered once.
class Reader {
 public:
  Reader(const Notice& notice, std::size_t limit)
      : notice_(notice),
        text_(notice.words),
        limit_(limit),
        lines_(lines_of(text_)),
        addresses_(find_addresses(text_)) {}

  std::vector<Passage> read() {
    find_headings();
    if (!headings_.empty()) return passages();
    std::vector<Passage> out = by_cue();
    return out.empty() ? by_cue(true) : out;  // a mail to oneself
  }

 private:
  void find_headings() {
    std::size_t next = 0;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      std::size_t first = next;
      while (next < addresses_.size() && addresses_[next].begin < lines_[i].end) ++next;
      if (auto found = heading(text_, lines_[i], i, std::span(addresses_).subspan(first, next - first))) {
        const std::string_view address = found->address.in(text_);
        if (!of_the_reporter(notice_, address) && !of_the_addressee(notice_, address) && !sender_line(i))
          headings_.push_back(*found);
      }
    }
  }

  /// "From: a@b.c", "Sender: …", "A message sent by" and the like: not one that failed.
  bool sender_line(std::size_t i) const {
    const std::string_view line = trim(lines_[i].in(text_));
    for (const std::string_view label : {"from:", "sender:", "reply-to:", "original sender", "von:", "de:", "差出人",
                                         "送信者", "message-id", "cc:", "envelope-from"}) {
      if (base::istarts_with(line, label)) return true;
    }
    std::size_t before = i;
    while (before > 0 && trim(lines_[before - 1].in(text_)).empty()) --before;
    if (before == 0) return false;
    const std::string above = base::ascii_lower(trim(lines_[before - 1].in(text_)));
    return above.ends_with("sent by") || above.ends_with("sender:") || above.ends_with("message from") ||
           above.ends_with("the sender is");
  }

  std::vector<Passage> passages() {
    std::vector<Passage> out;
    std::unordered_map<std::string, std::size_t> seen;
    gather_texts();
    for (std::size_t i = 0; i < headings_.size() && out.size() < limit_; ++i) {
      Passage one;
      one.address = std::string(headings_[i].address.in(text_));
      one.own = own_[i];
      one.after = following_text(i);
      const auto [at, fresh] = seen.emplace(base::ascii_lower(one.address), out.size());
      if (fresh) {
        out.push_back(std::move(one));
      } else if (out[at->second].own.empty()) {
        out[at->second].own = std::move(one.own);
        out[at->second].after = std::move(one.after);
      } else if (!one.own.empty() && out[at->second].own.size() < kPassageLimit) {
        out[at->second].own += '\n' + one.own;
      }
    }
    return out;
  }

  /// What stands behind each address, and the last of the list that it stands in: addresses one below the other.
  void gather_texts() {
    const std::size_t count = headings_.size();
    own_.resize(count);
    last_.resize(count);
    for (std::size_t i = count; i-- > 0;) {
      own_[i] = own_text(i);
      const bool listed = i + 1 < count && own_[i].empty() && headings_[i + 1].line <= headings_[i].line + 2;
      last_[i] = listed ? last_[i + 1] : i;
    }
  }

  std::size_t next_heading_begin(std::size_t i) const {
    return i + 1 < headings_.size() ? lines_[headings_[i + 1].line].begin : text_.size();
  }

  /// From behind the address to the end of its paragraph.
  std::string own_text(std::size_t i) const {
    const Heading& head = headings_[i];
    const std::size_t border = next_heading_begin(i);
    std::size_t end = std::min(lines_[head.line].end, border);
    for (std::size_t l = head.line + 1; l < lines_.size() && lines_[l].begin < border; ++l) {
      if (trim(lines_[l].in(text_)).empty()) break;
      end = lines_[l].end;
    }
    std::string_view own = trim(text_.substr(std::min(head.rest, end), end - std::min(head.rest, end)));
    if (own.starts_with("<mailto:")) own = trim(own.substr(std::min(own.find('>'), own.size() - 1) + 1));
    return std::string(own.substr(0, kPassageLimit));
  }

  /// Behind the list of addresses that this one stands in.
  std::string following_text(std::size_t i) const {
    const std::size_t last = last_[i];
    const std::size_t begin = std::min(headings_[last].rest, text_.size());
    const std::size_t end = std::max(begin, next_heading_begin(last));
    return std::string(trim(text_.substr(begin, std::min(end - begin, kPassageLimit))));
  }

  /// No line is headed by an address: those near the words that tell of failure.
  std::vector<Passage> by_cue(bool also_own = false) {
    std::vector<Passage> out;
    for (const FoundAddress& found : addresses_) {
      const std::string_view address = found.in(text_);
      if (!also_own && (of_the_reporter(notice_, address) || of_the_addressee(notice_, address))) continue;
      if (out.size() >= limit_ || !near_cue(found)) continue;
      if (std::ranges::any_of(out, [&](const Passage& p) { return base::iequals(p.address, address); })) continue;
      Passage one;
      one.address = std::string(address);
      one.own = std::string(trim(paragraph_around(found)).substr(0, kPassageLimit));
      one.after = std::string(trim(text_.substr(found.end, kPassageLimit)));
      out.push_back(std::move(one));
    }
    return out;
  }

  bool near_cue(const FoundAddress& found) const {
    constexpr std::size_t kNear = 200;
    const std::size_t begin = found.begin > kNear ? found.begin - kNear : 0;
    for (const CueHit& cue : cues_within(notice_.cues, begin, found.end + kNear)) {
      if (cue.cue == Cue::failed || cue.cue == Cue::recipients || cue.cue == Cue::delayed || cue.cue == Cue::stage ||
          cue.cue == Cue::virus || cue.cue == Cue::list)
        return true;
    }
    return false;
  }

  std::string_view paragraph_around(const FoundAddress& found) const {
    const std::size_t before = text_.substr(0, found.begin).rfind("\n\n");
    const std::size_t begin = before == npos ? 0 : before + 2;
    const std::size_t end = std::min(text_.find("\n\n", found.end), text_.size());
    return text_.substr(begin, end - begin);
  }

  const Notice& notice_;
  std::string_view text_;
  std::size_t limit_;
  std::vector<Line> lines_;
  std::vector<FoundAddress> addresses_;
  std::vector<Heading> headings_;
  std::vector<std::string> own_;
  std::vector<std::size_t> last_;
};

}  // namespace

std::vector<Passage> find_passages(const Notice& notice, std::size_t limit) { return Reader(notice, limit).read(); }

namespace {

/// The sentence, or the line of a list, that the cue stands in.
Line sentence_around(std::string_view text, const CueHit& cue) {
  std::size_t begin = cue.begin;
  while (begin > 0) {
    const char before = text[begin - 1];
    if (before == '\n' && (begin < 2 || text[begin - 2] == '\n' || text[begin - 2] == ':')) break;
    if (begin > 1 && base::ascii_space(before) && (text[begin - 2] == '.' || text[begin - 2] == '!')) break;
    --begin;
  }
  std::size_t end = cue.end;
  while (end < text.size()) {
    const char c = text[end];
    if (c == '\n' && (end + 1 == text.size() || text[end + 1] == '\n')) break;
    if ((c == '.' || c == ':' || c == '!') && (end + 1 == text.size() || base::ascii_space(text[end + 1]))) {
      ++end;
      break;
    }
    ++end;
  }
  return {begin, end};
}

bool says_more_than(std::string_view line, std::string_view address) {
  return line.size() > address.size() + 6;
}

}  // namespace

std::string lines_naming(const Notice& notice, std::string_view address) {
  std::string out;
  for (const FoundAddress& found : find_addresses(notice.words)) {
    if (!base::iequals(found.in(notice.words), address) || out.size() > kPassageLimit) continue;
    const std::size_t begin = found.begin == 0 ? 0 : notice.words.rfind('\n', found.begin) + 1;
    const std::size_t end = std::min(notice.words.find('\n', found.end), notice.words.size());
    const std::string_view line = trim(notice.words.substr(begin, end - begin));
    if (!says_more_than(line, address)) continue;
    out += line;
    out += '\n';
  }
  return without_filler(out);
}

std::string without_filler(std::string_view text) {
  std::string out;
  std::size_t from = 0;
  for (const CueHit& cue : find_cues(text)) {
    if (cue.cue != Cue::filler || cue.begin < from) continue;
    const Line sentence = sentence_around(text, cue);
    if (sentence.begin > from) out += text.substr(from, sentence.begin - from);
    from = std::max(from, sentence.end);
  }
  out += text.substr(std::min(from, text.size()));
  return std::string(trim(std::string_view(out).substr(0, kPassageLimit)));
}

}  // namespace todoku::bounce
