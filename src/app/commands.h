// Every command of the program, by name.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

/// The options that every command takes, and all commands below.
void add_commands(CLI::App& root, Context& context);

void add_bench(CLI::App& root, Context& context);
void add_campaign(CLI::App& root, Context& context);
void add_demo(CLI::App& root, Context& context);
void add_config(CLI::App& root, Context& context);
void add_dkim(CLI::App& root, Context& context);
void add_dmarc(CLI::App& root, Context& context);
void add_explain(CLI::App& root, Context& context);
void add_intake(CLI::App& root, Context& context);
void add_key(CLI::App& root, Context& context);
void add_policy(CLI::App& root, Context& context);
void add_queue(CLI::App& root, Context& context);
void add_rules(CLI::App& root, Context& context);
void add_contacts(CLI::App& root, Context& context);
void add_serve(CLI::App& root, Context& context);
void add_shaping(CLI::App& root, Context& context);
void add_spoofing(CLI::App& root, Context& context);
void add_tls_report(CLI::App& root, Context& context);
void add_stops(CLI::App& root, Context& context);

}  // namespace todoku::app
