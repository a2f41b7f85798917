// The parts of `todoku intake`, each in its file.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

/// `todoku intake PATH…`: the options and the callback of the command itself.
void add_intake_take(CLI::App& intake, Context& context);
void add_intake_list(CLI::App& intake, Context& context);
void add_intake_show(CLI::App& intake, Context& context);

}  // namespace todoku::app
