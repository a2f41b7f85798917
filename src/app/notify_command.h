// `todoku notify`: the outbox of notices.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_notify(CLI::App& root, Context& context);

}  // namespace todoku::app
