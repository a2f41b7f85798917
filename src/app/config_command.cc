// `todoku config`: every setting with its value here, its default and what it does.
#include <fmt/format.h>

#include <CLI/App.hpp>

#include "app/command.h"
#include "app/commands.h"

namespace todoku::app {
namespace {

void print_settings(Context& context, bool markdown) {
  const Config& config = context.config();
  for (const Key& key : config_keys()) {
    if (markdown) {
      const std::string shown = key.default_value.empty() ? "" : fmt::format("`{}`", key.default_value);
      fmt::print("| `{}` | {} | {} |\n", key.name, shown, key.prose);
      continue;
    }
    const bool hidden = key.type == KeyType::secret && !config.text(key.name).empty();
    fmt::print("{} = {}\n    {} (default: {})\n", key.name, hidden ? "***" : config.text(key.name), key.prose,
               key.default_value.empty() ? "none" : key.default_value);
  }
}

}  // namespace

void add_config(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("config", "Show every setting, its value and what it does");
  const auto markdown = std::make_shared<bool>(false);  // shared: the option and the callback both outlive this call
  command->add_flag("--markdown", *markdown, "As the table of docs/configuration.md");
  command->callback([&context, markdown] { print_settings(context, *markdown); });
}

}  // namespace todoku::app
