// The program's settings: one table gives name, type, default and prose; the TOML parser, the environment, --help and
// docs/configuration.md all derive from it.
//
// Where a value comes from, the later winning: the table's default, the file (DATA/todoku.toml, or --config), the
// environment (`smtp.helo` is TODOKU_SMTP_HELO). Unknown keys and wrong types are errors that name file, line and the
// nearest known key.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/duration.h"
#include "base/result.h"
#include "delivery/allowance.h"
#include "delivery/source_pool.h"
#include "intake/mailbox/settings.h"

namespace todoku::app {

enum class KeyType : std::uint8_t { text, secret, integer, boolean, duration, texts };

struct Key {
  std::string_view name;  // "smtp.helo"
  KeyType type;
  std::string_view default_value;  // as it stands in the environment: "30s", "true", "a, b"
  std::string_view prose;          // one sentence or two, for people
};

/// Every setting, in the order of the documentation.
[[nodiscard]] std::span<const Key> config_keys();

class Config {
 public:
  /// Reads `file` where it exists, then the environment.
  [[nodiscard]] static base::Result<Config> load(const std::filesystem::path& file);

  /// A key that is not in the table, or of another type, is a programmer's mistake.
  [[nodiscard]] const std::string& text(std::string_view key) const;
  [[nodiscard]] std::int64_t integer(std::string_view key) const;
  [[nodiscard]] bool boolean(std::string_view key) const;
  [[nodiscard]] std::chrono::milliseconds duration(std::string_view key) const;
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;

  /// What the file's tables [shaping.NAME] and [[source]] say; app/shaping_settings.h has their layout.
  [[nodiscard]] const std::vector<delivery::LimitSetting>& limits() const { return limits_; }
  [[nodiscard]] const std::vector<delivery::Source>& sources() const { return sources_; }
  /// What its tables [[mailbox]] say; app/mailbox_settings.h.
  [[nodiscard]] const std::vector<intake::mailbox::Settings>& mailboxes() const { return mailboxes_; }

  /// Sets one key as the environment would; for the command line and tests.
  [[nodiscard]] base::Result<void> set(std::string_view key, std::string_view value, std::string_view where);

 private:
  std::map<std::string, std::string, std::less<>> values_;  // key → checked text
  std::vector<delivery::LimitSetting> limits_;
  std::vector<delivery::Source> sources_;
  std::vector<intake::mailbox::Settings> mailboxes_;
};

using base::parse_duration;

}  // namespace todoku::app
