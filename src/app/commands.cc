#include "app/commands.h"

#include <CLI/App.hpp>

#include "app/command.h"
#include "app/doctor_command.h"
#include "app/notify_command.h"
#include "app/remedy_command.h"
#include "app/status_check_command.h"
#include "app/token_command.h"
#include "app/trace_command.h"

namespace todoku::app {
namespace {

constexpr void (*kCommands[])(CLI::App&, Context&) = {
    add_bench,   add_campaign, add_config,   add_contacts,     add_demo,   add_dkim,       add_dmarc,  add_doctor,
    add_explain, add_intake,   add_key,      add_notify,       add_policy, add_queue,      add_remedy, add_rules,
    add_serve,   add_shaping,  add_spoofing, add_status_check, add_stops,  add_tls_report, add_token,  add_trace_smtp,
};

}  // namespace

void add_commands(CLI::App& root, Context& context) {
  root.add_option("--data", context.data, "Data folder (TODOKU_DATA)")->capture_default_str();
  root.add_option("--config", context.config_file, "Settings file; else DATA/todoku.toml");
  root.add_option("--lang", context.language, "Language of what is printed: ja or en; else the locale's");
  root.require_subcommand(1);
  root.fallthrough();  // --data and --lang may stand after the command
  for (const auto add : kCommands) add(root, context);
}

}  // namespace todoku::app
