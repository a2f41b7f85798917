// The tables of the settings file that name systems to post stops and releases to:
//
//   [[notify]]
//   name = "crm"
//   url = "https://crm.example.jp/hooks/todoku"     # docs/remedies.md has all of them
//   secret = "…"
// Includes the TOML library: for .cc files only.
#pragma once
#include <toml++/toml.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "remedy/notify_target.h"

namespace todoku::app {

class Context;

/// From what stands under "notify". Errors name file, line and what was meant.
[[nodiscard]] base::Result<std::vector<remedy::NotifyTarget>> read_notify_targets(const toml::table& settings,
                                                                                  const std::string& file);
/// Of the settings file that the context names; none where there is no such file.
[[nodiscard]] base::Result<std::vector<remedy::NotifyTarget>> notify_targets(const Context& context);

/// A setting of a target, for the documentation.
struct NotifyKey {
  std::string_view name;
  std::string_view prose;
};
[[nodiscard]] std::span<const NotifyKey> notify_keys();

}  // namespace todoku::app
