#include "app/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "app/mailbox_settings.h"
#include "app/notify_settings.h"
#include "app/shaping_settings.h"
#include "base/ascii.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

const Key* find_key(std::string_view name) {
  const auto keys = config_keys();
  const auto found = std::ranges::find(keys, name, &Key::name);
  return found == keys.end() ? nullptr : &*found;
}

/// Letters that two names share at the start, as a cheap measure of what was meant.
std::size_t likeness(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

Error unknown_key(std::string_view name, std::string where) {
  const auto nearest =
      std::ranges::max_element(config_keys(), {}, [name](const Key& key) { return likeness(key.name, name); });
  return Error{ErrorCode::invalid, fmt::format("there is no setting '{}'", name),
               fmt::format("did you mean '{}'? docs/configuration.md lists all", nearest->name), std::move(where)};
}

std::string_view kind_of(KeyType type) {
  switch (type) {
    case KeyType::text:
      return "a text";
    case KeyType::secret:
      return "a text";
    case KeyType::integer:
      return "a whole number";
    case KeyType::boolean:
      return "true or false";
    case KeyType::duration:
      return "a time such as 30s, 5m, 4h or 3d";
    case KeyType::texts:
      return "a list of texts";
  }
  return "";
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

bool fits(KeyType type, std::string_view value) {
  switch (type) {
    case KeyType::integer:
      return parse_integer(value).has_value();
    case KeyType::boolean:
      return value == "true" || value == "false";
    case KeyType::duration:
      return parse_duration(value).ok();
    default:
      return true;
  }
}

std::string environment_name(std::string_view key) {
  std::string name = "TODOKU_";
  for (const char c : key) name += c == '.' ? '_' : base::ascii_upper(c);
  return name;
}

/// A TOML value as the environment would write it; nothing where the type fits no setting.
std::optional<std::string> as_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  const auto* array = node.as_array();
  if (array == nullptr) return std::nullopt;
  std::string joined;
  for (const toml::node& item : *array) {
    const auto* text = item.as_string();
    if (text == nullptr) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + text->get();
  }
  return joined;
}

Result<void> read_table(Config& config, const toml::table& table, const std::string& prefix, const std::string& file) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const std::string where = fmt::format("{}:{}", file, node.source().begin.line);
    if (const auto* below = node.as_table()) {
      if (auto read = read_table(config, *below, key + ".", file); !read) return read;
      continue;
    }
    const auto text = as_text(node);
    if (!text) return Error{ErrorCode::invalid, fmt::format("'{}' has a value of a wrong type", key), "", where};
    if (auto set = config.set(key, *text, where); !set) return set;
  }
  return base::done;
}

}  // namespace

Result<void> Config::set(std::string_view name, std::string_view value, std::string_view where) {
  const Key* key = find_key(name);
  if (key == nullptr) return unknown_key(name, std::string(where));
  if (!fits(key->type, value)) {
    const std::string_view shown = key->type == KeyType::secret ? "…" : value;
    return Error{ErrorCode::invalid, fmt::format("'{}' cannot be '{}'", name, shown),
                 fmt::format("it takes {}", kind_of(key->type)), std::string(where)};
  }
  values_.insert_or_assign(std::string(name), std::string(value));
  return base::done;
}

Result<Config> Config::load(const std::filesystem::path& file) {
  Config config;
  for (const Key& key : config_keys()) config.values_.emplace(key.name, key.default_value);
  if (std::filesystem::exists(file)) {
    try {
      toml::table table = toml::parse_file(file.string());
      auto shaping = read_shaping(table, file.string());
      if (!shaping) return std::move(shaping).error();
      config.limits_ = std::move(shaping->limits);
      config.sources_ = std::move(shaping->sources);
      auto mailboxes = read_mailboxes(table, file.string());
      if (!mailboxes) return std::move(mailboxes).error();
      config.mailboxes_ = *std::move(mailboxes);
      auto targets = read_notify_targets(table, file.string());
      if (!targets) return std::move(targets).error();
      for (const char* name : {"shaping", "source", "mailbox", "notify"}) table.erase(name);
      if (auto read = read_table(config, table, "", file.string()); !read) return std::move(read).error();
    } catch (const toml::parse_error& e) {
      return Error{ErrorCode::invalid, std::string(e.description()), "the file must be TOML",
                   fmt::format("{}:{}:{}", file.string(), e.source().begin.line, e.source().begin.column)};
    }
  }
  for (const Key& key : config_keys()) {
    const std::string name = environment_name(key.name);
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): read once, before any thread
    if (value == nullptr) continue;
    if (auto set = config.set(key.name, value, name); !set) return std::move(set).error();
  }
  return config;
}

const std::string& Config::text(std::string_view key) const {
  const auto found = values_.find(key);
  assert(found != values_.end() && "a setting that is not in the table");
  return found->second;
}

std::int64_t Config::integer(std::string_view key) const { return parse_integer(text(key)).value(); }
bool Config::boolean(std::string_view key) const { return text(key) == "true"; }
std::chrono::milliseconds Config::duration(std::string_view key) const { return parse_duration(text(key)).value(); }

std::vector<std::string> Config::texts(std::string_view key) const {
  std::vector<std::string> out;
  std::string_view rest = text(key);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (const auto item = base::trim(rest.substr(0, comma)); !item.empty()) out.emplace_back(item);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return out;
}

}  // namespace todoku::app
