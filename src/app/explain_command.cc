// `todoku explain`: what bounces, notices and replies say, for people or for programs.
#include <CLI/App.hpp>

#include "app/command.h"
#include "app/commands.h"
#include "app/explain_command_input.h"
#include "app/explain_command_print.h"

namespace todoku::app {
namespace {

struct Chosen {
  std::vector<std::string> paths;
  std::string replies;
  std::string format = "text";
};

void explain(Context& context, const Chosen& chosen) {
  auto rules = bounce::Rules::load(context.own_rules());
  if (!rules) return context.fail(rules.error(), 2);
  const ExplainPrinter printer(chosen.format == "text"   ? ExplainFormat::text
                               : chosen.format == "json" ? ExplainFormat::json
                                                         : ExplainFormat::jsonl,
                               context.lang(), shows_colours(1));
  Explainer explainer(**rules, printer, [&](const base::Error& error) { context.fail(error); });
  if (!chosen.replies.empty()) {
    explainer.explain_replies(chosen.replies);
  } else {
    for (const std::string& path : chosen.paths) explainer.explain_path(path);
  }
  explainer.finish();
}

}  // namespace

void add_explain(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("explain", "Say why mails failed, who has to act and what to do");
  auto chosen = std::make_shared<Chosen>();  // shared: the callback is copied into CLI11
  command->add_option("PATH", chosen->paths,
                      "Mails, Maildirs, mboxes, folders of them; - reads one from standard input");
  command->add_option(
      "--replies", chosen->replies,
      "Instead of mails a file of SMTP replies, one a line: host, stage, reply (its line ends as \\n), tab between");
  command->add_option("--format", chosen->format, "text, json or jsonl")
      ->check(CLI::IsMember({"text", "json", "jsonl"}));
  command->callback([&context, chosen] {
    if (chosen->paths.empty() == chosen->replies.empty()) {
      throw CLI::ValidationError("explain", "name mails (or - for standard input), or a file with --replies");
    }
    explain(context, *chosen);
  });
}

}  // namespace todoku::app
