// `todoku token`: the keys that sign return paths and links.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_token(CLI::App& root, Context& context);

}  // namespace todoku::app
