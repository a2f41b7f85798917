// The parts of `todoku contacts`, each in its file.
#pragma once
namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_contacts_import(CLI::App& contacts, Context& context);

}  // namespace todoku::app
