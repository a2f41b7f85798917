// `todoku serve`: the daemon.
#include <CLI/App.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/command.h"
#include "app/commands.h"
#include "app/serve/daemon.h"

namespace todoku::app {
namespace {

void serve(Context& context, const std::vector<std::string>& words) {
  auto roles = parse_roles(words.empty() ? context.config().texts("serve.roles") : words);
  if (!roles) return context.fail(roles.error(), 2);
  Daemon daemon(context, *std::move(roles));
  if (auto ran = daemon.run(); !ran) context.fail(ran.error());
}

}  // namespace

void add_serve(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("serve", "Deliver every campaign and answer HTTP, until told to stop");
  auto words = std::make_shared<std::vector<std::string>>();  // shared with the callback
  command->add_option("--roles", *words, "What this process does: delivery,intake,submission,web; else serve.roles")
      ->delimiter(',');
  command->callback([&context, words] { serve(context, *words); });
}

}  // namespace todoku::app
