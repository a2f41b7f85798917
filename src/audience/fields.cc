#include "audience/fields.h"

#include <algorithm>
#include <boost/json.hpp>

namespace todoku::audience {

Fields Fields::from_json(std::string_view json) {
  Fields fields;
  boost::system::error_code error;
  const auto value = boost::json::parse(json, error);
  if (error || !value.is_object()) return fields;
  for (const auto& [name, content] : value.get_object()) {
    if (const auto* text = content.if_string()) {
      fields.fields_.emplace_back(name, std::string_view(*text));
    } else if (!content.is_null()) {
      fields.fields_.emplace_back(name, boost::json::serialize(content));
    }
  }
  return fields;
}

std::string Fields::json() const {
  std::string out;
  append_json(out);
  return out;
}

void Fields::append_json(std::string& out) const {
  char separator = '{';
  for (const auto& [name, value] : fields_) {
    out += separator;
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
    separator = ',';
  }
  out += fields_.empty() ? "{}" : "}";
}

const std::string* Fields::find(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::first);
  return found == fields_.end() ? nullptr : &found->second;
}

void Fields::set(std::string_view name, std::string_view value) {
  const auto found = std::ranges::find(fields_, name, &Field::first);
  if (found == fields_.end()) {
    fields_.emplace_back(name, value);
  } else {
    found->second = value;
  }
}

bool Fields::merge(const Fields& later) {
  bool changed = false;
  for (const auto& [name, value] : later) {
    if (value.empty()) continue;
    const auto* present = find(name);
    if (present && *present == value) continue;
    set(name, value);
    changed = true;
  }
  return changed;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  const auto plain = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  out += '"';
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, plain);
    out.append(text.begin(), end);
    text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += "\\u00";
      out += kHex[(c >> 4) & 0xf];
      out += kHex[c & 0xf];
    }
  }
  out += '"';
}

}  // namespace todoku::audience
