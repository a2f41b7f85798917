// TOML texts as tables; the one place that the files of rules and of providers are parsed. Includes the TOML library:
// for .cc files only.
#pragma once
#include <toml++/toml.h>

#include <string_view>

#include "base/result.h"
#include "provider/reply_rule.h"

namespace todoku::provider {

/// Errors name file and line.
[[nodiscard]] base::Result<toml::table> parse_table(std::string_view name, std::string_view text);

/// read_rules() of a text that was parsed before.
[[nodiscard]] base::Result<RuleFile> read_rules(std::string_view name, const toml::table& table);

}  // namespace todoku::provider
