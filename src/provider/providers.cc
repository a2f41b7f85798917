#include "provider/providers.h"

#include <fmt/format.h>

#include <cassert>
#include <span>
#include <utility>

#include "base/ascii.h"
#include "base/duration.h"
#include "base/embedded_file.h"
#include "provider/rule_table.h"

namespace todoku::provider {

std::span<const base::EmbeddedFile> embedded_providers();

namespace {

base::Error wrong(std::string_view file, std::string message) {
  return {base::ErrorCode::invalid, std::move(message), "see data/providers/README.md", std::string(file) + ".toml"};
}

void take_texts(const toml::node* node, std::vector<std::string>& into) {
  if (node == nullptr || node->as_array() == nullptr) return;
  for (const toml::node& each : *node->as_array()) into.push_back(base::ascii_lower(each.value_or(std::string())));
}

/// A number, flag or time as set_limit() takes it.
std::string text_of(const toml::node& node) {
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return node.value_or(std::string());
}

base::Result<void> read_limits(const toml::table& table, Provider& into) {
  for (const auto& [key, value] : table) {
    auto set = set_limit(into.limits, key.str(), text_of(value));
    if (!set) return wrong(into.name, "limits: " + set.error().message);
    into.stated.emplace_back(key.str());
  }
  return base::done;
}

base::Result<void> read_back_off(const toml::table& table, Provider& into) {
  BackOff made;
  take_texts(table.get("says"), made.says);
  made.code = table["code"].value_or(std::string());
  const auto pause = base::parse_duration(table["pause"].value_or(std::string()));
  if (!pause) return wrong(into.name, "back_off: pause: " + pause.error().message);
  if (made.says.empty() && made.code.empty()) return wrong(into.name, "back_off: neither says nor code");
  made.pause = *pause;
  into.back_offs.push_back(std::move(made));
  return base::done;
}

base::Result<void> read_retries(const toml::table& table, Provider& into) {
  for (const auto& [reason, value] : table) {
    const auto wait = base::parse_duration(value.value_or(std::string()));
    if (!wait) return wrong(into.name, "retry: " + wait.error().message);
    into.retries.emplace_back(reason.str(), *wait);
  }
  return base::done;
}

/// How to send: [limits], [[back_off]], [retry].
base::Result<void> read_sending(const toml::table& table, Provider& into) {
  if (const toml::table* limits = table["limits"].as_table())
    if (auto read = read_limits(*limits, into); !read) return read;
  if (const toml::array* back_offs = table["back_off"].as_array())
    for (const toml::node& each : *back_offs)
      if (const toml::table* one = each.as_table())
        if (auto read = read_back_off(*one, into); !read) return read;
  if (const toml::table* retries = table["retry"].as_table()) return read_retries(*retries, into);
  return base::done;
}

base::Result<Provider> read_provider(const std::string& name, std::string_view text) {
  const auto parsed = parse_table(name, text);
  if (!parsed) return parsed.error();
  const toml::table& table = *parsed;
  auto rules = read_rules(name, table);
  if (!rules) return rules.error();
  Provider made;
  made.name = name;
  made.title = table["title"].value_or(std::string());
  if (made.title.empty()) return wrong(name, "no title");
  made.title_ja = table["title_ja"].value_or(made.title);
  made.replies_of = table["replies_of"].value_or(std::string());
  made.limits_of = table["limits_of"].value_or(std::string());
  made.bounces = table["bounces"].value_or(std::string());
  take_texts(table.get("domains"), made.domains);
  take_texts(table.get("hosts"), made.hosts);
  if (made.domains.empty() && made.hosts.empty()) return wrong(name, "neither domains nor hosts");
  if (auto sending = read_sending(table, made); !sending) return sending.error();
  if (const toml::array* sources = table["source"].as_array())
    for (const toml::node& each : *sources)
      if (const toml::table* source = each.as_table())
        made.sources.push_back({(*source)["fact"].value_or(std::string()), (*source)["url"].value_or(std::string()),
                                (*source)["date"].value_or(std::string())});
  if (made.sources.empty()) return wrong(name, "no [[source]]");
  made.replies = std::move(rules->replies);
  return made;
}

}  // namespace

base::Result<Providers> Providers::read(const std::vector<std::pair<std::string, std::string_view>>& files) {
  Providers made;
  for (const auto& [name, text] : files) {
    auto provider = read_provider(name, text);
    if (!provider) return provider.error();
    const std::size_t index = made.all_.size();
    for (const auto& domain : provider->domains)
      if (!made.domains_.emplace(domain, index).second)
        return wrong(name, "the domain " + domain + " is another provider's, too");
    for (const auto& host : provider->hosts)
      if (!made.hosts_.emplace(host, index).second)
        return wrong(name, "the host " + host + " is another provider's, too");
    made.all_.push_back(std::move(*provider));
  }
  for (const auto& provider : made.all_)
    if (!provider.replies_of.empty() && made.of_name(provider.replies_of) == nullptr)
      return wrong(provider.name, "replies_of names no provider");
  for (const auto& provider : made.all_)
    if (!provider.limits_of.empty() && made.of_name(provider.limits_of) == nullptr)
      return wrong(provider.name, "limits_of names no provider");
  return made;
}

const Providers& Providers::built_in() {
  static const Providers kAll = [] {
    std::vector<std::pair<std::string, std::string_view>> files;
    for (const auto& file : embedded_providers())
      if (file.path.ends_with(".toml")) files.emplace_back(file.path.substr(0, file.path.size() - 5), file.content);
    auto all = read(files);
    assert(all.ok());
    return all ? std::move(*all) : Providers();
  }();
  return kAll;
}

const Provider* Providers::by_ending(const Endings& endings, std::string_view name) const {
  std::string lower = base::ascii_lower(name);
  if (lower.ends_with('.')) lower.pop_back();
  for (std::string_view rest = lower; !rest.empty();) {
    if (const auto found = endings.find(std::string(rest)); found != endings.end()) return &all_[found->second];
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return nullptr;
}

const Provider* Providers::of_domain(std::string_view domain) const { return by_ending(domains_, domain); }
const Provider* Providers::of_mx(std::string_view host) const { return by_ending(hosts_, host); }

const Provider* Providers::of_name(std::string_view name) const {
  for (const auto& provider : all_)
    if (provider.name == name) return &provider;
  return nullptr;
}

const Limits& Providers::default_limits() {
  static const Limits kLimits;
  return kLimits;
}

}  // namespace todoku::provider
