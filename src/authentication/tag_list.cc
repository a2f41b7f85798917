#include "authentication/tag_list.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::authentication {
namespace {

bool is_tag_name(std::string_view name) {
  return !name.empty() && base::ascii_alpha(name.front()) &&
         std::ranges::all_of(name, [](char c) { return base::ascii_alpha(c) || base::ascii_digit(c) || c == '_'; });
}

bool is_value(std::string_view value) {
  return std::ranges::all_of(value, [](char c) { return (c > ' ' && c < 0x7F) || base::ascii_space(c); });
}

int digit_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

std::optional<TagList> TagList::parse(std::string_view text) {
  if (text.size() > kMostText) return std::nullopt;
  TagList list;
  for (text = base::trim(text); !text.empty(); text = base::trim(text)) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view tag = text.substr(0, end);
    const std::size_t equals = std::min(tag.find('='), tag.size());
    const std::string_view name = base::trim(tag.substr(0, equals));
    if (equals == tag.size() || !is_tag_name(name) || list.find(name) || list.tags_.size() == kMostTags) {
      return std::nullopt;
    }
    const std::string_view value = base::trim(tag.substr(equals + 1));
    if (!is_value(value)) return std::nullopt;
    list.tags_.push_back({name, value});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

std::optional<std::string_view> TagList::find(std::string_view name) const {
  const auto found = std::ranges::find(tags_, name, &Tag::name);
  if (found == tags_.end()) return std::nullopt;
  return found->value;
}

std::optional<std::string> decode_folded_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int pending = 0;
  std::size_t digits = 0, padding = 0;
  for (const char c : text) {
    if (base::ascii_space(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int digit = digit_of(c);
    if (digit < 0 || padding > 0) return std::nullopt;
    ++digits;
    bits = (bits << 6 | static_cast<unsigned>(digit)) & 0xFFFFFF;
    pending += 6;
    if (pending < 8) continue;
    pending -= 8;
    out += static_cast<char>(bits >> pending & 0xFF);
  }
  const bool whole = padding == 0 ? digits % 4 != 1 : padding <= 2 && (digits + padding) % 4 == 0;
  if (!whole) return std::nullopt;
  return out;
}

std::optional<std::vector<std::string_view>> split_colons(std::string_view text, std::size_t most) {
  std::vector<std::string_view> items;
  for (bool more = true; more;) {
    if (items.size() == most) return std::nullopt;
    const std::size_t colon = std::min(text.find(':'), text.size());
    items.push_back(base::trim(text.substr(0, colon)));
    more = colon < text.size();
    text.remove_prefix(std::min(colon + 1, text.size()));
  }
  return items;
}

}  // namespace todoku::authentication
