#include "authentication/versioned_record.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::authentication {
namespace {

constexpr std::size_t kLongestName = 32;

bool is_name(std::string_view name) {
  const auto inner = [](char c) {
    return base::ascii_alpha(c) || base::ascii_digit(c) || c == '_' || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= kLongestName &&
         (base::ascii_alpha(name.front()) || base::ascii_digit(name.front())) && std::ranges::all_of(name, inner);
}

/// Printable ASCII: blanks only inside, as between the addresses of rua=.
bool is_value(std::string_view value) {
  return !value.empty() &&
         std::ranges::all_of(value, [](char c) { return (c > ' ' && c < '\x7f') || base::ascii_blank(c); });
}

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && base::ascii_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && base::ascii_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Whether the text begins with the version alone, as against a longer word.
bool has_version(std::string_view text, std::string_view version) {
  if (!text.starts_with(version)) return false;
  const std::string_view rest = trim_blanks(text.substr(version.size()));
  return rest.empty() || rest.front() == ';';
}

}  // namespace

std::optional<VersionedRecord> VersionedRecord::parse(std::string_view text, std::string_view version) {
  if (!has_version(text, version)) return std::nullopt;
  VersionedRecord record;
  std::string_view rest = text.substr(std::min(text.find(';'), text.size()));
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the semicolon
    const std::size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view field = trim_blanks(rest.substr(0, end));
    rest.remove_prefix(end);
    if (field.empty() && rest.empty()) break;  // the one behind the last field
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || record.fields_.size() == kMostFields) return std::nullopt;
    const std::string_view name = field.substr(0, equals);
    const std::string_view value = field.substr(equals + 1);
    if (!is_name(name) || !is_value(value)) return std::nullopt;
    record.fields_.emplace_back(name, value);
  }
  return record;
}

std::optional<VersionedRecord> VersionedRecord::only_one(std::span<const std::string> records,
                                                         std::string_view version) {
  const auto ours = [version](const std::string& text) { return has_version(text, version); };
  if (std::ranges::count_if(records, ours) != 1) return std::nullopt;
  return parse(*std::ranges::find_if(records, ours), version);
}

std::optional<std::string_view> VersionedRecord::find(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, [](const auto& field) { return field.first; });
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

}  // namespace todoku::authentication
