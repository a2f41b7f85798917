#include "app/shaping_settings.h"

#include <fmt/format.h>

#include <optional>

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  Result<ShapingSettings> read(const toml::table& all) {
    if (const toml::node* shaping = all.get("shaping")) {
      if (auto read = read_receivers(*shaping); !read) return std::move(read).error();
    }
    if (const toml::node* source = all.get("source")) {
      if (auto read = read_sources(*source); !read) return std::move(read).error();
    }
    if (!settings_.limits.empty()) {
      const auto made = delivery::Allowances::make(provider::Providers::built_in(), settings_.limits);
      if (!made) return made.error();
    }
    return std::move(settings_);
  }

 private:
  [[nodiscard]] std::string where(const toml::node& node) const {
    return fmt::format("{}:{}", file_, node.source().begin.line);
  }
  [[nodiscard]] Error wrong(const toml::node& node, std::string message, std::string hint) const {
    return {ErrorCode::invalid, std::move(message), std::move(hint), where(node)};
  }

  static std::optional<std::string> text_of(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    return std::nullopt;
  }

  Result<void> read_receivers(const toml::node& shaping) {
    const toml::table* receivers = shaping.as_table();
    if (receivers == nullptr) return wrong(shaping, "'shaping' is a table", "write [shaping.gmail]");
    for (const auto& [name, node] : *receivers) {
      const toml::table* limits = node.as_table();
      if (limits == nullptr) {
        return wrong(node, fmt::format("'shaping.{}' is a table", name.str()),
                     "write [shaping.gmail], or [shaping.\"example.co.jp\"] with the domain in quotes");
      }
      for (const auto& [limit, value] : *limits) {
        const auto text = text_of(value);
        if (!text) {
          return wrong(value, fmt::format("'shaping.{}.{}' cannot be a table or a list", name.str(), limit.str()),
                       "write [shaping.\"example.co.jp\"] with the domain in quotes");
        }
        settings_.limits.push_back({std::string(name.str()), std::string(limit.str()), *text, where(value)});
      }
    }
    return base::done;
  }

  Result<void> read_sources(const toml::node& node) {
    const toml::array* sources = node.as_array();
    if (sources == nullptr) return wrong(node, "'source' is a list", "write [[source]], with two brackets");
    for (const toml::node& each : *sources) {
      const toml::table* source = each.as_table();
      if (source == nullptr) return wrong(each, "'source' is a list of tables", "write [[source]]");
      if (auto read = read_source(*source); !read) return read;
    }
    return base::done;
  }

  Result<void> read_source(const toml::table& table) {
    delivery::Source source;
    for (const auto& [key, value] : table) {
      if (key.str() == "address") {
        source.address = value.value_or(std::string());
      } else if (key.str() == "helo") {
        source.helo = value.value_or(std::string());
      } else if (key.str() != "warm_up") {
        return wrong(value, fmt::format("there is no setting 'source.{}'", key.str()),
                     "a source has address, helo and warm_up");
      } else if (!read_plan(value, source.warm_up)) {
        return wrong(value, "'warm_up' is true, or a list of mails a day", "for example [50, 100, 200, 400]");
      }
    }
    if (source.address.empty()) return wrong(table, "a source without 'address'", "the local IP address to send from");
    settings_.sources.push_back(std::move(source));
    return base::done;
  }

  static bool read_plan(const toml::node& node, std::vector<std::int64_t>& into) {
    if (const auto flag = node.value_exact<bool>()) {
      const auto standard = delivery::standard_warm_up();
      if (*flag) into.assign(standard.begin(), standard.end());
      return true;
    }
    const toml::array* steps = node.as_array();
    if (steps == nullptr || steps->empty()) return false;
    for (const toml::node& step : *steps) {
      const auto mails = step.value_exact<std::int64_t>();
      if (!mails || *mails < 1) return false;
      into.push_back(*mails);
    }
    return true;
  }

  const std::string& file_;
  ShapingSettings settings_;
};

}  // namespace

Result<ShapingSettings> read_shaping(const toml::table& settings, const std::string& file) {
  return Reader(file).read(settings);
}

}  // namespace todoku::app
