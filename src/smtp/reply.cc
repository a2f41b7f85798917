#include "smtp/reply.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/ascii.h"

namespace todoku::smtp {
namespace {

constexpr std::array<std::string_view, 10> kStages = {"none", "connect", "ehlo", "starttls", "auth",
                                                      "mail", "rcpt",    "data", "eod",      "quit"};

// 1 to `digits` digits at the front, taken off.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  auto end = std::ranges::find_if_not(text, base::ascii_digit);
  auto count = static_cast<std::size_t>(end - text.begin());
  if (count == 0 || count > digits) return std::nullopt;
  int number = 0;
  std::from_chars(text.data(), text.data() + count, number);
  text.remove_prefix(count);
  return number;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string_view to_string(Stage stage) { return kStages.at(static_cast<std::size_t>(stage)); }

std::optional<Stage> stage_of(std::string_view name) {
  auto found = std::ranges::find(kStages, name);
  if (found == kStages.end()) return std::nullopt;
  return static_cast<Stage>(found - kStages.begin());
}

std::string EnhancedStatus::to_string() const {
  return std::to_string(klass) + '.' + std::to_string(subject) + '.' + std::to_string(detail);
}

std::optional<EnhancedStatus> EnhancedStatus::parse(std::string_view text) {
  auto klass = take_number(text, 1);
  if (!klass || (*klass != 2 && *klass != 4 && *klass != 5) || !take_dot(text)) return std::nullopt;
  auto subject = take_number(text, 3);
  if (!subject || !take_dot(text)) return std::nullopt;
  auto detail = take_number(text, 3);
  if (!detail || !text.empty()) return std::nullopt;
  return EnhancedStatus{*klass, *subject, *detail};
}

std::string Reply::text() const {
  std::string out;
  for (const auto& line : lines) {
    if (!out.empty()) out += ' ';
    out += line;
  }
  return out;
}

}  // namespace todoku::smtp
