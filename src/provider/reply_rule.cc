#include "provider/reply_rule.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "provider/rule_table.h"

namespace todoku::provider {
namespace {

base::Error wrong(std::string_view file, std::string_view rule, std::string message) {
  std::string where = std::string(file) + ".toml";
  if (!rule.empty()) where += ": rule " + std::string(rule);
  return {base::ErrorCode::invalid, std::move(message), "docs/rules.md tells what a rule may hold", where};
}

constexpr std::array kKeys = {"id",     "reason", "says",  "unless",   "stage",   "code",
                              "status", "weight", "other", "anywhere", "examples"};

/// A text, or a list of texts; nullopt if it is neither.
std::optional<std::vector<std::string>> texts(const toml::node* node) {
  std::vector<std::string> out;
  if (node == nullptr) return out;
  if (const auto one = node->value_exact<std::string>()) return out.push_back(*one), out;
  const toml::array* list = node->as_array();
  if (list == nullptr) return std::nullopt;
  for (const toml::node& each : *list) {
    const auto text = each.value_exact<std::string>();
    if (!text) return std::nullopt;
    out.push_back(*text);
  }
  return out;
}

base::Result<ReplyRule> read_rule(std::string_view file, const toml::table& table) {
  ReplyRule rule;
  const std::string name = table["id"].value_or(std::string());
  if (name.empty()) return wrong(file, "", "a rule without an id");
  for (const auto& [key, _] : table)
    if (std::ranges::find(kKeys, key.str()) == kKeys.end())
      return wrong(file, name, "unknown key '" + std::string(key.str()) + "'");
  rule.id = std::string(file) + "/" + name;
  rule.reason = table["reason"].value_or(std::string());
  rule.other = table["other"].value_or(std::string());
  rule.weight = table["weight"].value_or(0);
  rule.anywhere = table["anywhere"].value_or(false);
  const std::pair<const char*, std::vector<std::string>*> lists[] = {
      {"says", &rule.says}, {"unless", &rule.unless}, {"stage", &rule.stage},
      {"code", &rule.code}, {"status", &rule.status}, {"examples", &rule.examples}};
  for (const auto& [key, into] : lists) {
    auto all = texts(table.get(key));
    if (!all) return wrong(file, name, std::string(key) + " is neither a text nor a list of texts");
    *into = std::move(*all);
  }
  if (rule.says.empty() && rule.stage.empty() && rule.code.empty() && rule.status.empty())
    return wrong(file, name, "the rule says nothing (says, stage, code or status)");
  if (rule.examples.empty()) return wrong(file, name, "the rule has no example");
  return rule;
}

}  // namespace

base::Result<toml::table> parse_table(std::string_view name, std::string_view text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return wrong(name, "",
                 "line " + std::to_string(error.source().begin.line) + ": " + std::string(error.description()));
  }
}

base::Result<RuleFile> read_rules(std::string_view name, std::string_view text) {
  const auto table = parse_table(name, text);
  if (!table) return table.error();
  return read_rules(name, *table);
}

base::Result<RuleFile> read_rules(std::string_view name, const toml::table& table) {
  RuleFile file{.name = std::string(name), .words = {}, .replies = {}};
  if (const toml::table* words = table["words"].as_table())
    for (const auto& [key, value] : *words) {
      const auto all = texts(&value);
      if (!all) return wrong(name, "", "words." + std::string(key.str()) + " is neither a text nor a list of texts");
      std::string joined;
      for (const auto& each : *all) joined += (joined.empty() ? "" : "|") + each;
      file.words.emplace_back(key.str(), joined);
    }
  const toml::node* replies = table.get("reply");
  if (replies == nullptr) return file;
  const toml::array* list = replies->as_array();
  if (list == nullptr) return wrong(name, "", "rules stand under [[reply]], with two brackets");
  for (const toml::node& each : *list) {
    const toml::table* entry = each.as_table();
    if (entry == nullptr) return wrong(name, "", "rules stand under [[reply]], with two brackets");
    auto rule = read_rule(name, *entry);
    if (!rule) return rule.error();
    for (const auto& other : file.replies)
      if (other.id == rule->id)
        return wrong(name, std::string_view(rule->id).substr(name.size() + 1), "the id is used twice");
    file.replies.push_back(std::move(*rule));
  }
  return file;
}

}  // namespace todoku::provider
