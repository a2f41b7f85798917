#include "campaign/template_keys.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "mail/address.h"
#include "mail/utf8.h"

namespace todoku::campaign {
namespace {

using base::Error;
using base::ErrorCode;

constexpr auto kKeys = std::to_array<std::string_view>({"subject", "preheader", "from", "reply-to"});

std::string place(std::string_view name, std::size_t line, std::size_t column) {
  return std::string(name) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

base::Result<void> set_mailbox(std::string& to, const SourceText& value) {
  if (auto mailbox = mail::parse_mailbox(value.text); !mailbox) {
    return Error{ErrorCode::invalid, mailbox.error().message, mailbox.error().hint,
                 place(value.name, value.first_line, value.first_column)};
  }
  to = value.text;
  return base::done;
}

base::Result<void> set(Template& into, std::string_view key, SourceText value, std::size_t key_column) {
  const std::string where = place(value.name, value.first_line, key_column);
  if (key == "from") return set_mailbox(into.from, value);
  if (key == "reply-to" || key == "reply_to") return set_mailbox(into.reply_to, value);
  if (key != "subject" && key != "preheader") {
    const auto near = liquid::nearest(key, {kKeys.begin(), kKeys.end()});
    return Error{ErrorCode::invalid, "there is no key \"" + std::string(key) + "\"",
                 near.empty() ? "the keys are subject, preheader, from and reply-to"
                              : "did you mean \"" + std::string(near) + "\"?",
                 where};
  }
  SourceText& field = key == "subject" ? into.subject : into.preheader;
  if (!field.text.empty()) return Error{ErrorCode::invalid, "a second " + std::string(key), "delete one", where};
  field = std::move(value);
  return base::done;
}

/// A value in quotes may be meant without them.
void unquote(SourceText& value) {
  std::string& text = value.text;
  if (text.size() < 2 || text.front() != text.back() || (text.front() != '"' && text.front() != '\'')) return;
  if (text.find(text.front(), 1) != text.size() - 1) return;
  text = text.substr(1, text.size() - 2);
  ++value.first_column;
}

std::size_t columns(std::string_view text) { return mail::utf8_count(text) + 1; }

base::Result<void> head_line(std::string_view line, std::size_t number, std::string_view name, Template& into) {
  if (base::trim(line).empty() || line.front() == '#') return base::done;
  const std::size_t colon = line.find(':');
  if (colon == line.npos) {
    return Error{ErrorCode::invalid, "this line has no colon", "write it as key: value, or close the head with ---",
                 place(name, number, 1)};
  }
  const std::string_view value = base::trim(line.substr(colon + 1));
  const auto at = static_cast<std::size_t>(value.data() - line.data());
  SourceText text{std::string(value), std::string(name), number, columns(line.substr(0, value.empty() ? colon : at))};
  unquote(text);
  return set(into, base::ascii_lower(base::trim(line.substr(0, colon))), std::move(text), 1);
}

}  // namespace

base::Result<SourceText> whole_text(const TemplateFile& file) {
  std::string_view text = file.content;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (const std::size_t good = mail::utf8_valid_prefix(text); good != text.size()) {
    const std::string_view before = text.substr(0, good);
    const std::size_t line = before.rfind('\n') + 1;
    return Error{
        ErrorCode::invalid, "these bytes are not UTF-8", "save the file as UTF-8",
        place(file.path, static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1, columns(before.substr(line)))};
  }
  return SourceText{std::string(text), file.path, 1, 1};
}

base::Result<void> read_toml_keys(const TemplateFile& file, Template& into) {
  auto whole = whole_text(file);
  if (!whole) return std::move(whole).error();
  try {
    const toml::table table = toml::parse(whole->text, file.path);
    for (const auto& [key, node] : table) {
      const auto text = node.value<std::string>();
      const toml::source_position begin = node.source().begin;
      if (!text) {
        return Error{ErrorCode::invalid, "the value of " + std::string(key.str()) + " is no text", "put it in quotes",
                     place(file.path, begin.line, begin.column)};
      }
      // The value's first letter stands after its quote.
      SourceText value{*text, file.path, begin.line, begin.column + 1};
      if (auto r = set(into, key.str(), std::move(value), key.source().begin.column); !r) return r;
    }
  } catch (const toml::parse_error& fault) {
    return Error{ErrorCode::invalid, std::string(fault.description()), "write it as key = \"value\"",
                 place(file.path, fault.source().begin.line, fault.source().begin.column)};
  }
  return base::done;
}

base::Result<SourceText> read_head(const TemplateFile& file, Template& into) {
  auto whole = whole_text(file);
  if (!whole) return whole;
  std::string_view rest = whole->text;
  std::size_t number = 0;
  const auto take_line = [&] {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  };
  if (take_line() != "---") return whole;
  while (!rest.empty()) {
    const std::string_view line = take_line();
    if (line == "---") return SourceText{std::string(rest), file.path, number + 1, 1};
    if (auto r = head_line(line, number, file.path, into); !r) return std::move(r).error();
  }
  return Error{ErrorCode::invalid, "the head is never closed", "add a line of --- after the keys",
               place(file.path, 1, 1)};
}

}  // namespace todoku::campaign
