// `todoku rules`: for those who write rules on what servers' words mean. `test` tells which rule wins and why;
// `suggest` lists the texts that no rule knows, grouped by shape, each with a rule to fill in.
#include <fmt/core.h>

#include <CLI/App.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>

#include "app/command.h"
#include "app/commands.h"
#include "bounce/analyser.h"
#include "bounce/rule_shape.h"
#include "bounce/rules.h"

namespace todoku::app {
namespace {

constexpr std::size_t kShownRunnersUp = 5;

struct Chosen {
  std::vector<std::string> paths;
  std::string own;
};

// One line of a list: "text", or host TAB stage TAB text; line ends within stand as "\n".
struct Line {
  std::string host;
  smtp::Stage stage = smtp::Stage::none;
  std::string text;
  [[nodiscard]] bounce::Observation observation() const { return {.text = text, .stage = stage, .remote_mta = host}; }
};

Line parse_line(std::string_view line) {
  Line out;
  const std::size_t first = line.find('\t');
  const std::size_t second = first == std::string_view::npos ? first : line.find('\t', first + 1);
  if (second != std::string_view::npos) {
    out.host = line.substr(0, first);
    out.stage = smtp::stage_of(line.substr(first + 1, second - first - 1)).value_or(smtp::Stage::none);
    line.remove_prefix(second + 1);
  }
  for (std::size_t i = 0; i < line.size(); ++i) {
    const bool end = line.substr(i, 2) == "\\n";
    out.text += end ? '\n' : line[i];
    if (end) ++i;
  }
  if (out.text.ends_with('\r')) out.text.pop_back();
  return out;
}

void each_line(std::istream& in, const std::function<void(const Line&)>& take) {
  for (std::string line; std::getline(in, line);)
    if (line.find_first_not_of(" \t\r") != std::string::npos) take(parse_line(line));
}

/// False, after telling so, where the file cannot be read.
bool each_line_of(Context& context, const std::string& path, const std::function<void(const Line&)>& take) {
  if (path == "-") return each_line(std::cin, take), true;
  std::ifstream in(path);
  if (!in) return context.fail({base::ErrorCode::io, "cannot be read", "a file with one text a line", path}), false;
  each_line(in, take);
  return true;
}

void show(const bounce::Rules& rules, const Line& line) {
  const auto all = rules.weigh(line.observation());
  fmt::print("{}\n", line.text);
  if (all.empty()) return fmt::print("  no rule knows this\n\n");
  const auto& winner = all.front();
  fmt::print("  {}{}{}\n", bounce::to_string(winner.reason), winner.other_reason ? " or " : "",
             winner.other_reason ? bounce::to_string(*winner.other_reason) : "");
  for (std::size_t i = 0; i < all.size() && i <= kShownRunnersUp; ++i)
    fmt::print("  {} {:3} {:22} {}{}\n", i == 0 ? '>' : ' ', all[i].score, bounce::to_string(all[i].reason),
               all[i].rule, all[i].words.empty() ? "" : "  \"" + all[i].words + "\"");
  fmt::print("\n");
}

std::unique_ptr<bounce::Rules> load(Context& context, const std::string& own) {
  auto rules = bounce::Rules::load(own.empty() ? context.own_rules() : std::filesystem::path(own));
  if (!rules) return context.fail(rules.error(), 2), nullptr;
  return std::move(*rules);
}

void test(Context& context, const Chosen& chosen) {
  const auto rules = load(context, chosen.own);
  if (!rules) return;
  for (const auto& path : chosen.paths) each_line_of(context, path, [&](const Line& line) { show(*rules, line); });
}

/// Words that no rule knows: none holds, or only one that goes by a bare code or status.
bool unknown_words(const bounce::Rules& rules, const Line& line) {
  const auto all = rules.weigh(line.observation());
  return all.empty() || all.front().letters == 0;
}

/// Likewise for a verdict: its evidence is a rule of data/rules/status.toml, which has no words.
bool unknown_words(const bounce::Diagnosis& diagnosis) {
  return diagnosis.reason == bounce::Reason::unknown ||
         (!diagnosis.evidence.empty() && diagnosis.evidence.front().rule.starts_with("status/"));
}

void suggest_from_mail(Context& context, const bounce::Analyser& analyser, const std::filesystem::path& path,
                       bounce::ShapeCounter& unknown) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in) return context.fail({base::ErrorCode::io, "cannot be read", "check the file's rights", path.string()});
  for (const auto& recipient : analyser.analyse(bytes).recipients)
    if (unknown_words(recipient) && !recipient.diagnostic.empty()) unknown.add(recipient.diagnostic);
}

void suggest(Context& context, const Chosen& chosen) {
  const auto rules = load(context, chosen.own);
  if (!rules) return;
  const bounce::Analyser analyser(*rules);
  bounce::ShapeCounter unknown;
  for (const auto& path : chosen.paths) {
    if (std::filesystem::is_directory(path)) {
      for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
        if (entry.is_regular_file()) suggest_from_mail(context, analyser, entry.path(), unknown);
    } else if (std::filesystem::path(path).extension() == ".eml") {
      suggest_from_mail(context, analyser, path, unknown);
    } else {
      each_line_of(context, path, [&](const Line& line) {
        if (unknown_words(*rules, line)) unknown.add(line.text);
      });
    }
  }
  std::size_t number = 0;
  for (const auto& shape : unknown.sorted())
    if (const std::string stub = bounce::rule_stub(shape, number + 1); !stub.empty()) {
      ++number;
      fmt::print("{}\n", stub);
    }
}

}  // namespace

void add_rules(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("rules", "Try the rules on servers' words, and list the words no rule knows");
  command->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, const char* paths, void (*run)(Context&, const Chosen&)) {
    CLI::App* sub = command->add_subcommand(name, help);
    auto chosen = std::make_shared<Chosen>();  // shared: the callback is copied into CLI11
    sub->add_option("PATH", chosen->paths, paths)->required();
    sub->add_option("--rules", chosen->own,
                    "A folder with rules of your own (*.toml), weighed with the others; without it DATA/rules");
    sub->callback([&context, chosen, run] { run(context, *chosen); });
  };
  add("test", "Tell for each text which rule wins and why",
      "A file with one text a line, or host, stage and text with tabs between; - is standard input", test);
  add("suggest", "List texts that no rule knows, most frequent first, each with a rule to fill in",
      "Files of texts as for test, mails (*.eml), or folders of mails", suggest);
}

}  // namespace todoku::app
