#include "app/notify_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "app/command.h"
#include "base/ascii.h"
#include "base/duration.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;
using remedy::NotifyTarget;

constexpr std::size_t kShortestSecret = 16;

/// Takes a value over; false: it cannot be that.
using Set = bool (*)(NotifyTarget& target, const std::string& value);

struct Row {
  NotifyKey key;
  Set set;
};

bool set_secret(NotifyTarget& target, const std::string& value) {
  target.secret = base::Secret(value);
  return value.size() >= kShortestSecret;
}

bool set_secret_file(NotifyTarget& target, const std::string& path) {
  std::ifstream file(path);
  std::string line;
  return std::getline(file, line) && set_secret(target, std::string(base::trim(line)));
}

bool set_private(NotifyTarget& target, const std::string& value) {
  target.allow_private = value == "true";
  return value == "true" || value == "false";
}

bool set_tries(NotifyTarget& target, const std::string& value) {
  constexpr int kMost = 100;
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), target.tries);
  return problem == std::errc{} && end == value.data() + value.size() && target.tries > 0 && target.tries <= kMost;
}

bool set_first_wait(NotifyTarget& target, const std::string& value) {
  const auto wait = base::parse_duration(value);
  if (wait) target.first_wait = *wait;
  return wait && wait->count() > 0;
}

constexpr auto kRows = std::to_array<Row>({
    {{"name", "What the system is called in lists, logs and metrics."},
     [](NotifyTarget& t, const std::string& value) { return t.name = value, !value.empty(); }},
    {{"url", "Where it takes posts: https; http too with allow_private."},
     [](NotifyTarget& t, const std::string& value) { return t.url = value, !value.empty(); }},
    {{"secret", "What posts are signed with; at least 16 characters."}, set_secret},
    {{"secret_file", "A file that holds it instead, in its first line."}, set_secret_file},
    {{"allow_private", "true: it may stand in a private network or on this machine; without, only in the internet."},
     set_private},
    {{"ca_file", "Authorities that vouch for it, as a PEM file; without: the system's."},
     [](NotifyTarget& t, const std::string& value) { return t.ca_file = value, !value.empty(); }},
    {{"tries", "How often one notice is tried before it is dead; 15 without, which takes about two days."}, set_tries},
    {{"first_wait",
      "How long after the first failure it is tried again; 10s without, then twice as long each time, at"
      " most six hours."},
     set_first_wait},
});

constexpr auto kKeys = [] {
  std::array<NotifyKey, kRows.size()> keys{};
  std::ranges::transform(kRows, keys.begin(), &Row::key);
  return keys;
}();

std::string text_of(const toml::node& value) {
  if (const auto* number = value.as_integer()) return std::to_string(number->get());
  if (const auto* flag = value.as_boolean()) return flag->get() ? "true" : "false";
  return value.value_or(std::string());
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<std::vector<NotifyTarget>> read(const toml::node& node) {
    const toml::array* tables = node.as_array();
    if (tables == nullptr) return wrong(node, "'notify' is a list", "write [[notify]], with two brackets");
    for (const toml::node& each : *tables) {
      const toml::table* table = each.as_table();
      if (table == nullptr) return wrong(each, "'notify' is a list of tables", "write [[notify]]");
      if (auto read = read_one(*table); !read) return std::move(read).error();
    }
    return std::move(targets_);
  }

 private:
  [[nodiscard]] Error wrong(const toml::node& node, std::string message, std::string hint) const {
    return {ErrorCode::invalid, std::move(message), std::move(hint),
            fmt::format("{}:{}", file_, node.source().begin.line)};
  }

  Result<void> read_one(const toml::table& table) {
    NotifyTarget target;
    for (const auto& [key, value] : table) {
      const auto row = std::ranges::find(kRows, key.str(), [](const Row& each) { return each.key.name; });
      if (row == kRows.end()) {
        return wrong(value, fmt::format("there is no setting 'notify.{}'", key.str()),
                     "docs/remedies.md has all of them");
      }
      const std::string text = text_of(value);
      if (!row->set(target, text)) {
        return wrong(value, fmt::format("'notify.{}' cannot be '{}'", key.str(), key.str() == "secret" ? "…" : text),
                     std::string(row->key.prose));
      }
    }
    if (auto checked = check(table, target); !checked) return checked;
    targets_.push_back(std::move(target));
    return base::done;
  }

  Result<void> check(const toml::table& table, const NotifyTarget& t) const {
    if (t.name.empty() || t.url.empty()) return wrong(table, "a notify table without 'name' or 'url'", "add it");
    if (std::ranges::find(targets_, t.name, &NotifyTarget::name) != targets_.end())
      return wrong(table, fmt::format("two systems are called '{}'", t.name), "names tell them apart");
    if (t.secret.empty()) return wrong(table, "a notify table without a secret", "add secret or secret_file");
    if (t.url.starts_with("https://") || (t.allow_private && t.url.starts_with("http://"))) return base::done;
    return wrong(table, "'notify.url' must begin with https://", "http is for private networks, with allow_private");
  }

  const std::string& file_;
  std::vector<NotifyTarget> targets_;
};

}  // namespace

Result<std::vector<NotifyTarget>> read_notify_targets(const toml::table& settings, const std::string& file) {
  const toml::node* node = settings.get("notify");
  if (node == nullptr) return std::vector<NotifyTarget>();
  return Reader(file).read(*node);
}

Result<std::vector<NotifyTarget>> notify_targets(const Context& context) {
  const std::filesystem::path file =
      context.config_file.empty() ? context.data / "todoku.toml" : std::filesystem::path(context.config_file);
  if (!std::filesystem::exists(file)) return std::vector<NotifyTarget>();
  try {
    return read_notify_targets(toml::parse_file(file.string()), file.string());
  } catch (const toml::parse_error& e) {
    return Error{ErrorCode::invalid, std::string(e.description()), "the file must be TOML", file.string()};
  }
}

std::span<const NotifyKey> notify_keys() { return kKeys; }

}  // namespace todoku::app
