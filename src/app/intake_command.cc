// `todoku intake`: bounces and the like, taken in by hand or out of a mail server's pipe, and what came in so far.
#include "app/intake_command.h"

#include <CLI/App.hpp>

#include "app/commands.h"

namespace todoku::app {

void add_intake(CLI::App& root, Context& context) {
  CLI::App* intake = root.add_subcommand("intake", "Bounces that come as mails: take them in, list them, show them");
  intake->require_subcommand(0, 1);
  intake->fallthrough();
  add_intake_take(*intake, context);
  add_intake_list(*intake, context);
  add_intake_show(*intake, context);
}

}  // namespace todoku::app
