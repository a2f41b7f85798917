// `todoku contacts`: readers and their lists.
#include "app/contacts_command.h"

#include <CLI/App.hpp>

#include "app/command.h"
#include "app/commands.h"

namespace todoku::app {

void add_contacts(CLI::App& root, Context& context) {
  CLI::App* contacts = root.add_subcommand("contacts", "Import, look up, add, export and unsubscribe contacts");
  contacts->require_subcommand(1);
  contacts->fallthrough();
  add_contacts_import(*contacts, context);
}

}  // namespace todoku::app
