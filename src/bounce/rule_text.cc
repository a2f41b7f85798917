#include "bounce/rule_text.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.h"

namespace todoku::bounce {
namespace {

using base::ascii_alpha;
using base::ascii_digit;
using base::ascii_lower;

constexpr std::size_t kQuoteLimit = 500;

// U+00C0 to U+017F without their accents; ' ' stands for "as it is".
constexpr std::string_view kLatin =
    "aaaaaaaceeeeiiiidnooooo ouuuuytsaaaaaaaceeeeiiiidnooooo ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg"
    "gggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatin.size() == 0x180 - 0xC0);

// The same of U+0180 to U+024F (Romanian, Vietnamese) and of U+1E00 to U+1EFF (Vietnamese).
constexpr std::string_view kLatinMore =
    "                                oo             uu                            aaiioouuuuuuuuuu aaaa    ggkkoooo  "
    "j   gg  nnaa    aaaaeeeeiiiioooorrrruuuusstt  hh      aaeeooooooooyy                            ";
static_assert(kLatinMore.size() == 0x250 - 0x180);
constexpr std::string_view kLatinVietnamese =
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrsssssssssstttttttt"
    "uuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy    s aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooo"
    "uuuuuuuuuuuuuuyyyyyyyy      ";
static_assert(kLatinVietnamese.size() == 0x1F00 - 0x1E00);

struct Character {
  char32_t value = 0;
  std::size_t size = 0;  // bytes; 0: not UTF-8
};

Character decode(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned lead = byte(0);
  const std::size_t size = lead >= 0xF0 && lead < 0xF5   ? 4
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                                                         : 0;
  if (size == 0 || s.size() < size) return {};
  char32_t value = lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0u) != 0x80u) return {};
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  return {value, size};
}

void encode(char32_t c, std::string& out) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

// What a character beyond ASCII becomes: itself (0), nothing ('\0' with drop), a blank or another character.
struct Folded {
  bool keep = false;
  bool drop = false;
  char32_t value = 0;
};

/// Greek without its accents and with one sigma, Arabic with one alef, yeh and heh and without vowel signs, Hebrew
/// without points: their writers leave these out or put them in as they like.
Folded fold_marks(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kBase[] = {
      {0x386, 0x3B1}, {0x388, 0x3B5}, {0x389, 0x3B7}, {0x38A, 0x3B9}, {0x38C, 0x3BF}, {0x38E, 0x3C5}, {0x38F, 0x3C9},
      {0x390, 0x3B9}, {0x3AA, 0x3B9}, {0x3AB, 0x3C5}, {0x3AC, 0x3B1}, {0x3AD, 0x3B5}, {0x3AE, 0x3B7}, {0x3AF, 0x3B9},
      {0x3B0, 0x3C5}, {0x3C2, 0x3C3}, {0x3CA, 0x3B9}, {0x3CB, 0x3C5}, {0x3CC, 0x3BF}, {0x3CD, 0x3C5}, {0x3CE, 0x3C9},
      {0x451, 0x435}, {0x622, 0x627}, {0x623, 0x627}, {0x625, 0x627}, {0x629, 0x647}, {0x649, 0x64A}};
  const auto known = std::ranges::lower_bound(kBase, c, {}, &std::pair<char32_t, char32_t>::first);
  if (known != std::end(kBase) && known->first == c) return {.value = known->second};
  if ((c >= 0x591 && c <= 0x5C7) || c == 0x640 || (c >= 0x64B && c <= 0x652)) return {.drop = true};
  return {.keep = true};
}

Folded fold_latin(char letter) {
  return letter == ' ' ? Folded{.keep = true} : Folded{.value = static_cast<char32_t>(letter)};
}

Folded fold(char32_t c) {
  if (c >= 0xC0 && c < 0x180) return fold_latin(kLatin[c - 0xC0]);
  if (c >= 0x180 && c < 0x250) return fold_latin(kLatinMore[c - 0x180]);
  if (c >= 0x1E00 && c < 0x1F00) return fold_latin(kLatinVietnamese[c - 0x1E00]);
  if (c == 0x401) return {.value = 0x435};
  if (c >= 0x410 && c <= 0x42F) return {.value = c + 0x20};
  if (c >= 0x400 && c <= 0x40F) return {.value = c + 0x50};
  if (c >= 0x391 && c <= 0x3A9) return {.value = c + 0x20};
  if (c >= 0xFF01 && c <= 0xFF5E) return {.value = c - 0xFF01 + 0x21};
  if ((c >= 0x300 && c <= 0x36F) || c == 0x2018 || c == 0x2019 || c == 0xB4 || c == 0xAD || c == 0x200B)
    return {.drop = true};
  if (c == 0xA0 || c == 0x3000 || c == 0x201C || c == 0x201D || c == 0x201E || c == 0xAB || c == 0xBB || c == 0x2013 ||
      c == 0x2014 || c == 0x2011)
    return {.value = ' '};
  if (c >= 0x370 && c <= 0x652) return fold_marks(c);
  if (c == 0x200C || (c >= 0x200E && c <= 0x200F) || (c >= 0x202A && c <= 0x202E)) return {.drop = true};
  return {.keep = true};
}

bool breaks_word(char c) {
  return base::ascii_space(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view("<>()[],;:\"|").find(c) != std::string_view::npos;
}

bool is_top_level(std::string_view label) {
  constexpr std::string_view kKnown[] = {"com", "net",  "org",     "edu",     "gov",   "info", "biz",
                                         "mil", "test", "invalid", "example", "local", "cloud"};
  const std::string lower = ascii_lower(label);
  if (lower.size() == 2) return lower == label && ascii_alpha(lower[0]) && ascii_alpha(lower[1]);
  return std::ranges::find(kKnown, lower) != std::ranges::end(kKnown);
}

/// "W32.Sality.AE", "Trojan.Win32.Agent": dotted as hosts are, capitalised as hosts are not, and a platform or a kind
/// of malware first. "W32.Netsky.P@mm": worms that mail themselves are named so, and no domain is.
bool names_virus(std::string_view word) {
  if (word.ends_with("@mm") || word.ends_with("@m")) return true;
  constexpr std::string_view kFirst[] = {
      "w32", "win32", "win64",      "w97m", "x97m",    "o97m",     "trojan", "troj",   "worm", "virus", "js",
      "vbs", "html",  "heuristics", "heur", "exploit", "backdoor", "ransom", "adware", "pua",  "mal",   "eicar"};
  const std::string_view first = word.substr(0, word.find('.'));
  if (std::ranges::find(kFirst, ascii_lower(first)) == std::ranges::end(kFirst)) return false;
  const auto capital = [](char c) { return c != ascii_lower(c); };
  const std::size_t dot = first.size() + 1;
  return dot < word.size() && capital(word.front()) && (capital(word[dot]) || ascii_digit(word[dot]));
}

bool is_host(std::string_view s) {
  const auto dots = std::ranges::count(s, '.');
  if (dots == 0 || s.front() == '.' || s.back() == '.') return false;
  if (std::ranges::any_of(
          s, [](char c) { return !ascii_alpha(c) && !ascii_digit(c) && c != '.' && c != '-' && c != '_'; }))
    return false;
  return (dots >= 2 || is_top_level(s.substr(s.rfind('.') + 1))) && !names_virus(s);
}

/// Whether a word that holds a '@' is a URL that tells an address, as the links of SPF's explanations do.
bool is_url(std::string_view word) {
  const std::size_t slash = word.find('/');
  return word.starts_with("//") || (slash < word.find('@') && is_host(word.substr(0, slash)));
}

/// How much of a word is a host name, a dotted number or the rest of a URL.
std::size_t inner_length(std::string_view word) {
  while (!word.empty() && std::string_view(".!?*").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  if (word.starts_with("//")) return word.size();
  return is_host(word.substr(0, word.find('/'))) ? word.size() : 0;
}

class Folder {
 public:
  Folder(std::string_view raw, std::vector<std::uint32_t>* origin) : raw_(raw), origin_(origin) {
    out_.reserve(raw.size() + 1);
  }

  void ascii(std::size_t at) {
    const char c = raw_[at];
    if (c == '\'' || c == '`') return;
    if (base::ascii_space(c) || c == '-' || c == '_' || c == '"' || c == '\0') return put_one(at, ' ');
    put_one(at, ascii_lower(c));
  }

  /// A byte inside a host name or a URL.
  void inner(std::size_t at) {
    const char c = raw_[at];
    put_one(at, ascii_alpha(c) || ascii_digit(c) ? ascii_lower(c) : kInner);
  }

  /// The character at `at`; how many bytes it took.
  std::size_t character(std::size_t at) {
    if (static_cast<unsigned char>(raw_[at]) < 0x80) return ascii(at), 1;
    const Character c = decode(raw_.substr(at, 4));
    if (c.size == 0) return put(at, raw_.substr(at, 1)), 1;
    const Folded folded = fold(c.value);
    if (folded.keep)
      put(at, raw_.substr(at, c.size));
    else if (!folded.drop && folded.value < 0x80)
      wide_ascii(at, static_cast<char>(folded.value));
    else if (!folded.drop)
      two_bytes(at, folded.value);
    return c.size;
  }

  void put(std::size_t at, std::string_view bytes) {
    if (bytes.size() == 1) return put_one(at, bytes.front());
    out_ += bytes;
    if (origin_ != nullptr) origin_->insert(origin_->end(), bytes.size(), static_cast<std::uint32_t>(at));
  }

  void put_one(std::size_t at, char byte) {
    if (byte == ' ' && (out_.empty() || out_.back() == ' ')) return;
    out_.push_back(byte);
    if (origin_ != nullptr) origin_->push_back(static_cast<std::uint32_t>(at));
  }

  std::string take() && {
    if (!out_.empty() && out_.back() == ' ') {
      out_.pop_back();
      if (origin_ != nullptr) origin_->pop_back();
    }
    return std::move(out_);
  }

 private:
  void wide_ascii(std::size_t at, char c) {
    if (c == '\'' || c == '`') return;
    const char lower = c == '-' || c == '_' || c == '"' ? ' ' : ascii_lower(c);
    put(at, std::string_view(&lower, 1));
  }

  void two_bytes(std::size_t at, char32_t c) {
    std::string bytes;
    encode(c, bytes);
    put(at, bytes);
  }

  std::string_view raw_;
  std::vector<std::uint32_t>* origin_;
  std::string out_;
};

/// How many bytes of a "c.s.d" begin the text; 0 if none does.
std::size_t status_length(std::string_view s) {
  if (s.size() < 5 || (s[0] != '2' && s[0] != '4' && s[0] != '5') || s[1] != '.') return 0;
  std::size_t at = 2;
  const auto digits = [&] {
    const std::size_t from = at;
    while (at < s.size() && at - from < 4 && ascii_digit(s[at])) ++at;
    return at - from;
  };
  const std::size_t subject = digits();
  if (subject == 0 || subject > 3 || at >= s.size() || s[at] != '.') return 0;
  ++at;
  const std::size_t detail = digits();
  if (detail == 0 || detail > 3) return 0;
  if (at < s.size() && (ascii_alpha(s[at]) || (s[at] == '.' && at + 1 < s.size() && ascii_digit(s[at + 1])))) return 0;
  return at;
}

bool is_code(std::string_view s) {
  return s.size() >= 3 && (s[0] == '2' || s[0] == '4' || s[0] == '5') && s[1] >= '0' && s[1] <= '7' &&
         ascii_digit(s[2]) && (s.size() == 3 || (!ascii_digit(s[3]) && !ascii_alpha(s[3]) && s[3] != '.'));
}

/// How many bytes of "550-", "550 5.1.1 ", "5.1.1 " to leave out at `at`.
std::size_t codes_length(std::string_view s, bool line_start) {
  std::size_t length = 0;
  if (is_code(s) && (line_start || (s.size() > 3 && s[3] == '-'))) length = s.size() > 3 ? 4 : 3;
  if (length == 0 && !line_start) return 0;
  while (length < s.size() && base::ascii_blank(s[length])) ++length;
  return length + status_length(s.substr(length));
}

/// What follows "in reply to" (Postfix) or "from remote mail server after" (Exim, with or without "pipelined").
smtp::Stage stage_in(std::string_view raw) {
  constexpr std::pair<std::string_view, smtp::Stage> kNames[] = {
      {"end of data", smtp::Stage::eod},    {"rcpt to", smtp::Stage::rcpt},    {"mail from", smtp::Stage::mail},
      {"data", smtp::Stage::data},          {"ehlo", smtp::Stage::ehlo},       {"helo", smtp::Stage::ehlo},
      {"starttls", smtp::Stage::starttls},  {"initial", smtp::Stage::connect}, {"sending data block", smtp::Stage::eod},
      {"message content", smtp::Stage::eod}};
  for (const std::string_view mark : {"in reply to ", "mail server after ", "mailer after ", "response to "}) {
    const std::size_t at = raw.find(mark);
    if (at == std::string_view::npos) continue;
    std::string_view rest = base::trim(raw.substr(at + mark.size()));
    for (const std::string_view filler : {"pipelined ", "sending "})
      if (base::istarts_with(rest, filler)) rest.remove_prefix(filler.size());
    for (const auto& [name, stage] : kNames)
      if (base::istarts_with(rest, name)) return stage;
  }
  return smtp::Stage::none;
}

/// How long a DSN's type of diagnostic is at the start ("smtp;"). "X-Unix;" stays: it tells of a program.
std::size_t type_length(std::string_view raw) {
  std::size_t end = 0;
  while (end < raw.size() && (ascii_alpha(raw[end]) || raw[end] == '-')) ++end;
  if (end == 0 || end > 24 || end == raw.size() || raw[end] != ';' || base::istarts_with(raw, "x-unix")) return 0;
  return end + 1;
}

}  // namespace

PlainText plain_text(std::string_view raw) {
  PlainText plain;
  plain.origin.reserve(raw.size() + 1);
  Folder folder(raw, &plain.origin);
  bool line_start = true;
  std::size_t at = type_length(raw);
  while (at < raw.size()) {
    if (breaks_word(raw[at])) {
      line_start = raw[at] == '\n' || (line_start && base::ascii_space(raw[at]));
      at += folder.character(at);
      continue;
    }
    const std::size_t skip = codes_length(raw.substr(at, 24), line_start);
    line_start = false;
    if (skip > 0) {
      folder.put(at, " ");
      at += skip;
      continue;
    }
    std::size_t end = at;
    bool address = false;
    while (end < raw.size() && !breaks_word(raw[end])) address |= raw[end++] == '@';
    address = address && !names_virus(raw.substr(at, end - at)) && !is_url(raw.substr(at, end - at));
    if (address) folder.put(at, "@");
    const std::size_t inside = address ? 0 : at + inner_length(raw.substr(at, end - at));
    for (; at < inside; ++at) folder.inner(at);
    for (; !address && at < end; ++at) folder.ascii(at);
    at = end;
  }
  plain.text = std::move(folder).take();
  return plain;
}

std::string plain_word(std::string_view raw) {
  Folder folder(raw, nullptr);
  std::size_t at = 0;
  if (raw.starts_with('*') && raw.size() > 1) folder.put(at++, "*");  // "*.com", "*mail-abuse.org": how hosts end
  if (raw.substr(at).starts_with('.') && is_top_level(raw.substr(at + 1))) folder.inner(at++);
  const std::string_view rest = raw.substr(at);
  for (const std::size_t inside = at + inner_length(rest); at < inside; ++at) folder.inner(at);
  while (at < raw.size()) at += folder.character(at);
  return std::move(folder).take();
}

std::string_view PlainText::line(std::string_view raw, std::size_t begin, std::size_t end) const {
  if (raw.empty()) return {};
  std::size_t from = begin < origin.size() ? origin[begin] : 0;
  std::size_t to = end > 0 && end <= origin.size() ? origin[end - 1] + 1 : raw.size();
  from = from == 0 ? 0 : raw.rfind('\n', from - 1) + 1;  // npos + 1 is the start
  to = std::min(raw.find('\n', to), raw.size());
  if (to - from > kQuoteLimit) {
    from = begin < origin.size() ? origin[begin] : from;
    to = std::min(to, from + kQuoteLimit);
    while (to > from && to < raw.size() && (static_cast<unsigned char>(raw[to]) & 0xC0u) == 0x80u) --to;
  }
  return base::trim(raw.substr(from, to - from));
}

Codes codes_in(std::string_view raw) {
  Codes codes;
  char before = '\n';   // the byte before
  char visible = '\n';  // the last byte before that is no blank; a line end counts as one
  for (std::size_t at = 0; at < raw.size() && !(codes.reply_code && codes.status); ++at) {
    const char previous = std::exchange(before, raw[at]);
    if (!base::ascii_blank(previous)) visible = previous;
    if (!ascii_digit(raw[at]) || ascii_digit(previous) || ascii_alpha(previous)) continue;
    if (std::string_view("./=").find(previous) != std::string_view::npos) continue;
    const std::string_view rest = raw.substr(at, 24);
    if (!codes.status)
      if (const std::size_t length = status_length(rest))
        codes.status = smtp::EnhancedStatus::parse(rest.substr(0, length));
    if (codes.reply_code || (rest[0] == '2' && at > 0) || previous == '-' || !is_code(rest)) continue;
    // A bare number in a sentence is a code only where it opens something or a status follows it.
    const bool opens =
        (rest.size() > 3 && rest[3] == '-') || std::string_view(":;#(<[\"\n\r").find(visible) != std::string_view::npos;
    if (!opens && (rest.size() < 5 || status_length(rest.substr(4)) == 0)) continue;
    int code = 0;
    std::from_chars(rest.data(), rest.data() + 3, code);
    codes.reply_code = code;
    codes.begin = at;
  }
  codes.stage = stage_in(raw);
  return codes;
}

}  // namespace todoku::bounce
