// `todoku status-check`: keys of member sites.
#pragma once

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_status_check(CLI::App& root, Context& context);

}  // namespace todoku::app
