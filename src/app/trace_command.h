// `todoku trace-smtp`.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_trace_smtp(CLI::App& root, Context& context);

}  // namespace todoku::app
