#include "authentication/dkim_record.h"

#include <algorithm>

#include "authentication/tag_list.h"
#include "base/ascii.h"

namespace todoku::authentication {
namespace {

constexpr std::size_t kMostItems = 32;
constexpr std::size_t kMostString = 255;

/// Whether the colon-separated list of this tag, if there, has one of the two words.
std::optional<bool> allows(const TagList& tags, std::string_view name, std::string_view word, std::string_view other) {
  const auto value = tags.find(name);
  if (!value) return true;
  const auto items = split_colons(*value, kMostItems);
  if (!items) return std::nullopt;
  return std::ranges::any_of(
      *items, [&](std::string_view item) { return base::iequals(item, word) || base::iequals(item, other); });
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(
             label, [](char c) { return base::ascii_alpha(c) || base::ascii_digit(c) || c == '-' || c == '_'; });
}

}  // namespace

std::optional<DkimRecord> parse_dkim_record(std::string_view text) {
  const auto tags = TagList::parse(text);
  if (!tags) return std::nullopt;
  const auto version = tags->find("v");
  if (version && (*version != "DKIM1" || tags->first() != "v")) return std::nullopt;
  const auto key = tags->find("p");
  if (!key) return std::nullopt;
  auto decoded = decode_folded_base64(*key);
  const auto sha256 = allows(*tags, "h", "sha256", "sha256");
  const auto for_mail = allows(*tags, "s", "*", "email");
  if (!decoded || !sha256 || !for_mail) return std::nullopt;
  DkimRecord record;
  record.type = base::ascii_lower(tags->find("k").value_or("rsa"));
  record.key = *std::move(decoded);
  record.sha256 = *sha256;
  record.for_mail = *for_mail;
  if (const auto flags = tags->find("t")) {
    const auto items = split_colons(*flags, kMostItems);
    if (!items) return std::nullopt;
    record.testing = std::ranges::find(*items, "y") != items->end();
    record.exact_domain = std::ranges::find(*items, "s") != items->end();
  }
  return record;
}

std::string dkim_record_name(std::string_view selector, std::string_view domain) {
  std::string name(selector);
  name += "._domainkey.";
  name += domain;
  return name;
}

std::string dkim_record_text(DkimAlgorithm algorithm, std::string_view public_text) {
  std::string text = "v=DKIM1; k=";
  text += key_type(algorithm);
  text += "; p=";
  text += public_text;
  return text;
}

std::string quoted_strings(std::string_view text) {
  std::string out;
  do {
    const std::string_view part = text.substr(0, kMostString);
    text.remove_prefix(part.size());
    if (!out.empty()) out += ' ';
    out += '"';
    for (const char c : part) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  } while (!text.empty());
  return out;
}

bool publishes(const DkimRecord& record, DkimAlgorithm algorithm, std::string_view public_text) {
  return record.type == key_type(algorithm) && record.sha256 && record.for_mail && !record.key.empty() &&
         decode_folded_base64(public_text) == record.key;
}

bool is_selector(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (std::string_view rest = text;;) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    if (!is_label(rest.substr(0, dot))) return false;
    if (dot == rest.size()) return true;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace todoku::authentication
