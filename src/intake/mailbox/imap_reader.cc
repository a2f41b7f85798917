#include "intake/mailbox/imap_reader.h"

#include <algorithm>
#include <charconv>

#include "base/ascii.h"
#include "smtp/sasl.h"

namespace todoku::intake::mailbox {
namespace {

/// The length in "…{123}" at a line's end, "{123+}" included.
std::optional<std::size_t> announced_literal(std::string_view line) {
  if (line.empty() || line.back() != '}') return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view digits = line.substr(open + 1, line.size() - open - 2);
  if (digits.ends_with('+')) digits.remove_suffix(1);
  std::size_t length = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (digits.empty() || problem != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return length;
}

void append_utf16(std::string& out, char32_t character) {
  const auto unit = [&out](unsigned value) {
    out += static_cast<char>(value >> 8U);
    out += static_cast<char>(value & 0xFFU);
  };
  constexpr char32_t kPlane = 0x10000;
  if (character < kPlane) return unit(character);
  unit(0xD800U + ((character - kPlane) >> 10U));
  unit(0xDC00U + ((character - kPlane) & 0x3FFU));
}

/// Takes one character off; a byte that is none of UTF-8 stands for itself.
char32_t take_character(std::string_view& text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  const std::size_t length = first < 0xC0U ? 1 : first < 0xE0U ? 2 : first < 0xF0U ? 3 : 4;
  char32_t character = length == 1 ? first : first & (0xFFU >> (length + 1));
  std::size_t used = 1;
  for (; used < length && used < text.size() && (byte(used) & 0xC0U) == 0x80U; ++used) {
    character = character << 6U | (byte(used) & 0x3FU);
  }
  text.remove_prefix(used);
  return character;
}

}  // namespace

void ImapReader::feed(std::string_view bytes) {
  while (!bytes.empty() && !bad_) bytes = in_literal_ ? feed_literal(bytes) : feed_line(bytes);
}

std::string_view ImapReader::feed_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view part = bytes.substr(0, end);
  line_.append(part);
  bad_ = line_.size() + current_.text.size() > line_limit_ || part.find('\0') != std::string_view::npos;
  if (end == std::string_view::npos || bad_) return {};
  end_line();
  return bytes.substr(end + 1);
}

std::string_view ImapReader::feed_literal(std::string_view bytes) {
  const std::string_view part = bytes.substr(0, literal_left_);
  current_.literals.back().append(part);
  literal_left_ -= part.size();
  in_literal_ = literal_left_ > 0;
  return bytes.substr(part.size());
}

void ImapReader::end_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  const auto length = announced_literal(line_);
  if (!length) {
    current_.text += line_;
    line_.clear();
    literal_bytes_ = 0;
    ready_.push_back(std::exchange(current_, {}));
    return;
  }
  if (*length > literal_limit_ || literal_bytes_ > literal_limit_ - *length) {
    bad_ = true;
    return;
  }
  literal_bytes_ += *length;
  current_.text += line_.substr(0, line_.rfind('{'));
  current_.text += '\0';
  current_.literals.emplace_back();
  line_.clear();
  literal_left_ = *length;
  in_literal_ = *length > 0;
}

std::optional<ImapResponse> ImapReader::take() {
  if (ready_.empty()) return std::nullopt;
  ImapResponse response = std::move(ready_.front());
  ready_.pop_front();
  return response;
}

ImapToken ImapScanner::next() {
  while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
  if (rest_.empty()) return {};
  const char first = rest_.front();
  if (first == '(' || first == ')') {
    rest_.remove_prefix(1);
    return {.kind = first == '(' ? ImapToken::Kind::open : ImapToken::Kind::close, .text = {}};
  }
  if (first == '\0') {
    rest_.remove_prefix(1);
    if (literals_.empty()) return {};
    const std::string* literal = literals_.data();
    literals_ = literals_.subspan(1);
    return {.kind = ImapToken::Kind::text, .text = {}, .literal = literal};
  }
  if (first == '"') {
    std::size_t end = 1;
    while (end < rest_.size() && rest_[end] != '"') end += rest_[end] == '\\' ? 2 : 1;
    const std::string_view text = rest_.substr(1, std::min(end, rest_.size()) - 1);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return {.kind = ImapToken::Kind::text, .text = text};
  }
  // BODY[HEADER.FIELDS (X)]<0> is one atom.
  std::size_t end = 0;
  int brackets = 0;
  for (; end < rest_.size() && rest_[end] != '\0' && rest_[end] != '"'; ++end) {
    if (rest_[end] == '[') ++brackets;
    if (rest_[end] == ']') --brackets;
    if (brackets <= 0 && (rest_[end] == ' ' || rest_[end] == '(' || rest_[end] == ')')) break;
  }
  const std::string_view atom = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return {.kind = ImapToken::Kind::atom, .text = atom};
}

void ImapScanner::skip_value() {
  int depth = 0;
  do {
    const ImapToken token = next();
    if (token.kind == ImapToken::Kind::end) return;
    if (token.kind == ImapToken::Kind::open) ++depth;
    if (token.kind == ImapToken::Kind::close) --depth;
  } while (depth > 0);
}

std::optional<std::uint32_t> imap_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string imap_set(std::span<const std::uint32_t> numbers) {
  std::string set;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (!set.empty()) set += ',';
    set += std::to_string(numbers[i]);
    if (last > i) set += ':' + std::to_string(numbers[last]);
    i = last + 1;
  }
  return set;
}

std::optional<std::string> imap_quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == '\0' || static_cast<unsigned char>(c) >= 0x80U) return std::nullopt;
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string imap_mailbox_name(std::string_view utf8) {
  std::string out, wide;
  const auto end_wide = [&out, &wide] {
    if (wide.empty()) return;
    std::string code = smtp::base64(wide);
    code.erase(std::min(code.find('='), code.size()));
    std::ranges::replace(code, '/', ',');
    out += '&' + code + '-';
    wide.clear();
  };
  while (!utf8.empty()) {
    const char32_t character = take_character(utf8);
    if (character < 0x20 || character > 0x7E) {
      append_utf16(wide, character);
      continue;
    }
    end_wide();
    out += static_cast<char>(character);
    if (character == U'&') out += '-';
  }
  end_wide();
  return out;
}

}  // namespace todoku::intake::mailbox
