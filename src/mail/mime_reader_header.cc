#include "mail/mime_reader_header.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "mail/mime_reader.h"

namespace todoku::mail {
namespace {

using base::ascii_blank;
using base::trim;

/// The line at `pos` without its end, and where the next begins.
std::string_view line_at(std::string_view text, std::size_t pos, std::size_t& next) {
  const std::size_t end = text.find('\n', pos);
  next = end == std::string_view::npos ? text.size() : end + 1;
  std::string_view line = text.substr(pos, (end == std::string_view::npos ? text.size() : end) - pos);
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

/// Length of the name of a field that the line begins, 0 when it begins none.
std::size_t name_length(std::string_view line) {
  std::size_t i = 0;
  while (i < line.size() && line[i] > ' ' && line[i] != ':' && line[i] != '\x7f') ++i;
  if (i == 0 || i > 100) return 0;
  std::size_t colon = i;
  while (colon < line.size() && ascii_blank(line[colon])) ++colon;
  return colon < line.size() && line[colon] == ':' ? i : 0;
}

bool continues(std::string_view line) { return !line.empty() && ascii_blank(line.front()); }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = base::ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// RFC 2047 allows 75 bytes, and senders more; with an end, a header of unclosed words stays linear.
constexpr std::size_t kLongestWord = 2000;

struct EncodedWord {
  std::string charset;
  std::string bytes;
  std::size_t length = 0;  // of the word in the text
};

/// RFC 2047's =?charset?Q?text?= at the start of `text`. Blanks inside are forgiven, as many senders leave them.
std::optional<EncodedWord> encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = text.substr(0, 64).find('?', 2);
  if (charset_end == std::string_view::npos || charset_end + 2 >= text.size()) return std::nullopt;
  const char encoding = base::ascii_lower(text[charset_end + 1]);
  if (text[charset_end + 2] != '?' || (encoding != 'q' && encoding != 'b')) return std::nullopt;
  const std::size_t begin = charset_end + 3;
  const std::string_view rest = text.substr(begin, kLongestWord);
  const std::size_t end = rest.find("?=");
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view charset = text.substr(2, charset_end - 2);
  charset = charset.substr(0, charset.find('*'));  // RFC 2231's language
  const std::string_view code = rest.substr(0, end);
  return EncodedWord{std::string(charset), encoding == 'q' ? decode_quoted_printable(code, true) : decode_base64(code),
                     begin + end + 2};
}

/// Bytes of adjacent words in one charset belong together: senders split in the middle of a character.
class HeaderText {
 public:
  void plain(std::string_view text) {
    flush();
    out_ += text;
  }
  void word(EncodedWord word) {
    if (!base::iequals(word.charset, charset_)) flush();
    charset_ = std::move(word.charset);
    pending_ += word.bytes;
  }
  std::string take() {
    flush();
    return std::move(out_);
  }

 private:
  void flush() {
    if (pending_.empty()) return;
    std::string text = readable_text(std::move(pending_), charset_);
    std::replace(text.begin(), text.end(), '\n', ' ');
    out_ += text;
    pending_.clear();
  }
  std::string out_;
  std::string pending_;
  std::string charset_;
};

std::string_view next_parameter(std::string_view& rest) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size(); ++i) {
    if (rest[i] == '\\' && quoted) {
      ++i;
    } else if (rest[i] == '"') {
      quoted = !quoted;
    } else if (rest[i] == ';' && !quoted) {
      break;
    }
  }
  const std::string_view found = trim(rest.substr(0, i));
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return found;
}

std::string unquoted(std::string_view value) {
  value = trim(value);
  if (!value.starts_with('"')) return unfolded(value.substr(0, value.find_first_of(" \t\r\n(")));
  std::string out;
  for (std::size_t i = 1; i < value.size() && value[i] != '"'; ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    if (value[i] != '\r' && value[i] != '\n') out += value[i];
  }
  return out;
}

}  // namespace

std::size_t read_fields(std::string_view text, std::vector<RawField>& out, std::size_t limit) {
  std::size_t pos = 0;
  std::size_t next = 0;
  while (pos < text.size()) {
    std::string_view line = line_at(text, pos, next);
    if (line.empty()) return next;
    const std::size_t name = continues(line) ? 0 : name_length(line);
    if (name == 0) {
      std::size_t after = 0;
      const std::string_view following = line_at(text, next, after);
      if (trim(line).empty()) return next;  // blanks where an empty line belongs
      if (!following.empty() && !continues(following) && name_length(following) == 0) return pos;
      pos = next;
      continue;
    }
    const std::size_t colon = text.find(':', pos + name);
    std::size_t end = pos + line.size();
    while (next < text.size()) {
      std::size_t after = 0;
      const std::string_view more = line_at(text, next, after);
      if (!continues(more) || trim(more).empty()) break;
      end = next + more.size();
      next = after;
    }
    if (out.size() < limit) {
      out.push_back({line.substr(0, name), trim(text.substr(colon + 1, end > colon ? end - colon - 1 : 0))});
    }
    pos = next;
  }
  return text.size();
}

std::string_view find_field(std::span<const RawField> fields, std::string_view name) {
  for (const RawField& field : fields) {
    if (field.name.size() == name.size() && base::iequals(field.name, name)) return field.value;
  }
  return {};
}

std::string unfolded(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\r' && value[i] != '\n') {
      out += value[i] == '\0' ? ' ' : value[i];
      continue;
    }
    while (i + 1 < value.size() && base::ascii_space(value[i + 1])) ++i;
    if (!out.empty() && !ascii_blank(out.back())) out += ' ';
  }
  return out;
}

std::string decoded_header(std::string_view value) {
  const std::string line = unfolded(value);
  if (line.find("=?") == std::string::npos) return readable_text(line, "utf-8");
  HeaderText out;
  std::string_view rest = line;
  while (!rest.empty()) {
    if (auto word = encoded_word(rest)) {
      rest.remove_prefix(word->length);
      out.word(*std::move(word));
      const std::string_view blanks = rest.substr(0, rest.find_first_not_of(" \t"));
      if (encoded_word(rest.substr(blanks.size()))) rest.remove_prefix(blanks.size());  // blanks between words vanish
      continue;
    }
    const std::size_t next = rest.find("=?", 1);
    out.plain(readable_text(std::string(rest.substr(0, next)), "utf-8"));
    rest.remove_prefix(next == std::string_view::npos ? rest.size() : next);
  }
  return out.take();
}

std::string parameter_of(std::string_view value, std::string_view name) {
  std::string out;
  std::string charset;
  next_parameter(value);  // the field's main value
  while (!value.empty()) {
    const std::string_view one = next_parameter(value);
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) continue;
    std::string_view key = trim(one.substr(0, equals));
    if (!base::istarts_with(key, name)) continue;
    key.remove_prefix(name.size());
    if (key.empty()) return unquoted(one.substr(equals + 1));
    if (key.front() != '*' || out.size() > 4096) continue;
    std::string piece = unquoted(one.substr(equals + 1));
    if (key.back() == '*') {  // name*=, name*0*=: percent encoded, the first with charset'language'
      const std::size_t quote = out.empty() ? piece.find('\'') : std::string::npos;
      const std::size_t second = quote == std::string::npos ? quote : piece.find('\'', quote + 1);
      if (second != std::string::npos) {
        charset = piece.substr(0, quote);
        piece.erase(0, second + 1);
      }
      piece = percent_decoded(piece);
    }
    out += piece;
  }
  return charset.empty() ? out : readable_text(std::move(out), charset);
}

}  // namespace todoku::mail
