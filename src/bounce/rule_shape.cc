#include "bounce/rule_shape.h"

#include <algorithm>

#include "base/ascii.h"
#include "bounce/rule_text.h"

namespace todoku::bounce {
namespace {

constexpr std::size_t kLimit = 300;
constexpr std::size_t kPhraseWords = 6;

bool digit(char c) { return base::ascii_digit(c); }
bool letter(char c) { return base::ascii_alpha(c); }

bool is_dotted(std::string_view word) {
  return std::ranges::count(word, '.') >= 1 &&
         std::ranges::all_of(word, [](char c) { return letter(c) || digit(c) || c == '.' || c == '-' || c == ':'; });
}

std::string_view mask(std::string_view word) {
  if (word.find('@') != std::string_view::npos) return "<address>";
  if (word.find("//") != std::string_view::npos) return "<url>";
  const auto digits = std::ranges::count_if(word, digit);
  const auto letters = std::ranges::count_if(word, letter);
  const bool status = word.size() <= 9 && letters == 0 && std::ranges::count(word, '.') == 2 &&
                      (word[0] == '4' || word[0] == '5') && word[1] == '.';
  const bool code = word.size() == 3 && digits == 3 && (word[0] == '4' || word[0] == '5');
  if (status || code) return {};
  if (is_dotted(word) && (letters > 0 ? std::ranges::count(word, '.') >= 2 || digits > 0 : digits > 0)) return "<host>";
  if (digits > 0 && letters == 0) return "<n>";
  if (digits > 0 && word.size() >= 5) return "<id>";
  return {};
}

bool parts_word(char c) {
  return base::ascii_space(c) || std::string_view("<>()[]{},;\"'").find(c) != std::string_view::npos;
}

}  // namespace

std::string shape_of(std::string_view text) {
  std::string shape;
  for (std::size_t at = 0; at < text.size() && shape.size() < kLimit;) {
    if (parts_word(text[at])) {
      const char c = base::ascii_space(text[at]) ? ' ' : text[at];
      if (c != ' ' || (!shape.empty() && shape.back() != ' ')) shape.push_back(c);
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && !parts_word(text[end])) ++end;
    std::string_view word = text.substr(at, end - at);
    const std::string_view masked = mask(word.substr(0, word.find_last_not_of(".:") + 1));
    shape += masked.empty() ? word : masked;
    at = end;
  }
  while (!shape.empty() && shape.back() == ' ') shape.pop_back();
  if (shape.size() > kLimit) {
    std::size_t end = kLimit;
    while (end > 0 && (static_cast<unsigned char>(shape[end]) & 0xC0u) == 0x80u) --end;
    shape.resize(end);
  }
  return shape;
}

void ShapeCounter::add(std::string_view text) {
  std::string shape = shape_of(text);
  const auto [known, fresh] = index_.try_emplace(shape, all_.size());
  if (fresh) all_.push_back({std::move(shape), std::string(base::trim(text)), 0});
  ++all_[known->second].count;
}

std::vector<ShapeCount> ShapeCounter::sorted() const {
  std::vector<ShapeCount> out = all_;
  std::ranges::sort(
      out, [](const auto& a, const auto& b) { return a.count != b.count ? a.count > b.count : a.shape < b.shape; });
  return out;
}

std::string rule_stub(const ShapeCount& shape, std::size_t number) {
  std::string phrase;
  std::size_t words = 0;
  const std::string plain = plain_text(shape.example).text;
  for (std::size_t at = 0; at < plain.size() && words < kPhraseWords;) {
    std::size_t end = plain.find(' ', at);
    if (end == std::string::npos) end = plain.size();
    const std::string_view word = std::string_view(plain).substr(at, end - at);
    const bool useful =
        std::ranges::all_of(word, [](char c) { return letter(c) || static_cast<unsigned char>(c) >= 0x80; });
    if (useful && !word.empty()) {
      if (words++ > 0) phrase += " .. ";
      phrase += word;
    }
    at = end + 1;
  }
  if (words == 0) return "";
  std::string example;
  for (const char c : shape.example.substr(0, kLimit)) {
    if (static_cast<unsigned char>(c) < 0x20) {
      example += ' ';
      continue;
    }
    if (c == '"' || c == '\\') example += '\\';
    example += c;
  }
  return "# seen " + std::to_string(shape.count) + " times: " + shape.shape + "\n[[reply]]\nid = \"mine-" +
         std::to_string(number) + "\"\nreason = \"\"  # user_unknown, mailbox_full, blocked …\nsays = [\"" + phrase +
         "\"]\nexamples = [\"" + example + "\"]\n";
}

}  // namespace todoku::bounce
