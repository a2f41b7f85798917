// `todoku doctor`.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_doctor(CLI::App& root, Context& context);

}  // namespace todoku::app
