// From rules as texts to the table they are weighed in.
#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ascii.h"
#include "base/embedded_file.h"
#include "bounce/rule_table.h"

namespace todoku::bounce {

std::span<const base::EmbeddedFile> embedded_rules();

namespace {

using provider::Provider;
using provider::ReplyRule;

constexpr int kDefaultWeight = 70;
constexpr int kDefaultWordlessWeight = 50;

std::optional<StatusPattern> status_pattern(std::string_view text) {
  StatusPattern pattern;
  if (text.size() < 2 || text[1] != '.' || std::string_view("245x").find(text[0]) == std::string_view::npos)
    return std::nullopt;
  pattern.klass = text[0] == 'x' ? 0 : text[0] - '0';
  text.remove_prefix(2);
  for (std::int32_t* part : {&pattern.subject, &pattern.detail}) {
    if (text.empty()) return pattern;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *part);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (part == &pattern.subject && !text.empty() && text.front() == '.') text.remove_prefix(1);
  }
  if (!text.empty()) return std::nullopt;
  return pattern;
}

std::optional<CodeBegin> code_begin(std::string_view text) {
  CodeBegin begin;
  if (text == "none") return begin;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), begin.value);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 3 || begin.value < 1)
    return std::nullopt;
  begin.digits = static_cast<std::int32_t>(text.size());
  return begin;
}

base::Error wrong(const ReplyRule& rule, std::string message,
                  std::string hint = "docs/rules.md tells what a rule may hold") {
  const std::size_t slash = rule.id.rfind('/');
  return {base::ErrorCode::invalid, std::move(message), std::move(hint),
          rule.id.substr(0, slash) + ".toml: rule " + rule.id.substr(slash + 1)};
}

base::Result<std::vector<provider::RuleFile>> built_in_files() {
  std::vector<provider::RuleFile> files;
  for (const auto& embedded : embedded_rules()) {
    if (!embedded.path.ends_with(".toml") || embedded.path == "reasons.toml") continue;
    auto file = provider::read_rules(embedded.path.substr(0, embedded.path.size() - 5), embedded.content);
    if (!file) return file.error();
    files.push_back(std::move(*file));
  }
  return files;
}

}  // namespace

RuleCompiler::RuleCompiler(WordList words, std::span<const Provider> providers) : words_(std::move(words)) {
  for (const Provider& provider : providers) {
    const auto same = [&](const Provider& other) { return other.name == provider.replies_of; };
    const auto of = std::ranges::find_if(providers, same);
    receivers_.push_back(
        {.name = flat_append(texts_, provider.name),
         .replies_of = of == providers.end() ? -1 : static_cast<std::int32_t>(of - providers.begin())});
  }
  domains_ = sorted_endings(providers, &Provider::domains);
  hosts_ = sorted_endings(providers, &Provider::hosts);
}

std::vector<Ending> RuleCompiler::sorted_endings(std::span<const Provider> providers,
                                                 std::vector<std::string> Provider::* member) {
  std::vector<std::pair<std::string_view, std::uint32_t>> all;
  for (std::uint32_t i = 0; i < providers.size(); ++i)
    for (const std::string& ending : providers[i].*member) all.emplace_back(ending, i);
  std::ranges::sort(all);
  std::vector<Ending> out;
  for (const auto& [text, receiver] : all) out.push_back({.text = flat_append(texts_, text), .receiver = receiver});
  return out;
}

base::Result<void> RuleCompiler::add(const std::vector<ReplyRule>& replies, std::int32_t receiver) {
  for (const ReplyRule& source : replies) {
    Rule rule;
    rule.id = flat_append(texts_, source.id);
    const auto reason = reason_of(source.reason);
    if (!reason) return wrong(source, "unknown reason '" + source.reason + "'");
    rule.reason = static_cast<std::int32_t>(*reason);
    if (!source.other.empty()) {
      const auto other = reason_of(source.other);
      if (!other) return wrong(source, "unknown reason '" + source.other + "'");
      rule.other = static_cast<std::int32_t>(*other);
    }
    rule.wordless = source.says.empty() ? 1 : 0;
    rule.weight = source.weight != 0 ? source.weight : rule.wordless != 0 ? kDefaultWordlessWeight : kDefaultWeight;
    if (rule.weight < 1 || rule.weight > 100) return wrong(source, "a weight is 1 to 100");
    if (!source.anywhere) rule.receiver = receiver;
    rule.of_provider = receiver >= 0 ? 1 : 0;
    if (auto added = add_conditions(source, rule); !added) return added;
    if (auto added = add_phrases(source); !added) return added;
    rules_.push_back(rule);
  }
  return base::done;
}

base::Result<void> RuleCompiler::add_conditions(const ReplyRule& source, Rule& rule) {
  for (const auto& name : source.stage) {
    const auto stage = smtp::stage_of(name);
    if (!stage)
      return wrong(source, "unknown stage '" + name + "'",
                   "connect, ehlo, starttls, auth, mail, rcpt, data, eod, quit");
    rule.stages |= 1u << static_cast<unsigned>(*stage);
  }
  std::vector<CodeBegin> codes;
  for (const auto& text : source.code) {
    const auto begin = code_begin(text);
    if (!begin)
      return wrong(source, "'" + text + "' is no beginning of a reply code", "\"550\", \"55\", \"5\" or \"none\"");
    codes.push_back(*begin);
  }
  rule.codes = flat_append(codes_, codes);
  std::vector<StatusPattern> statuses;
  for (const auto& text : source.status) {
    const auto pattern = status_pattern(text);
    if (!pattern) return wrong(source, "'" + text + "' is no status", "\"5.1.1\", \"x.1.1\" or the beginning \"5.1.\"");
    statuses.push_back(*pattern);
  }
  rule.statuses = flat_append(statuses_, statuses);
  return base::done;
}

base::Result<void> RuleCompiler::add_phrases(const ReplyRule& source) {
  const auto tag = static_cast<std::uint32_t>(rules_.size() * 2);
  for (const auto& [phrases, mark] : {std::pair{&source.says, 0u}, std::pair{&source.unless, 1u}})
    for (const auto& phrase : *phrases)
      if (auto added = phrases_.add(phrase, words_, tag + mark); !added)
        return wrong(source, "\"" + phrase + "\": " + added.error().message, added.error().hint);
  return base::done;
}

void RuleCompiler::add_words(const std::vector<std::pair<std::string, std::string>>& words) {
  for (const auto& [name, alternatives] : words) words_.insert_or_assign(name, alternatives);
}

std::vector<std::uint64_t> RuleCompiler::take() {
  std::vector<std::uint32_t> wordless;
  for (std::uint32_t i = 0; i < rules_.size(); ++i)
    if (rules_[i].wordless != 0) wordless.push_back(i);
  FlatWriter out;
  out.put(texts_);
  out.put(rules_);
  out.put(wordless);
  out.put(codes_);
  out.put(statuses_);
  out.put(receivers_);
  out.put(domains_);
  out.put(hosts_);
  phrases_.write(out);
  return out.take();
}

base::Result<std::vector<std::uint64_t>> compile_built_in_rules() {
  const auto files = built_in_files();
  if (!files) return files.error();
  const auto words = built_in_words();
  if (!words) return words.error();
  const auto& providers = provider::Providers::built_in().all();
  RuleCompiler compiler(*words, providers);
  for (const auto& file : *files)
    if (auto added = compiler.add(file.replies); !added) return added.error();
  for (std::size_t i = 0; i < providers.size(); ++i)
    if (auto added = compiler.add(providers[i].replies, static_cast<std::int32_t>(i)); !added) return added.error();
  return compiler.take();
}

base::Result<WordList> built_in_words() {
  const auto files = built_in_files();
  if (!files) return files.error();
  WordList words;
  for (const auto& file : *files) words.insert(file.words.begin(), file.words.end());
  return words;
}

}  // namespace todoku::bounce
