// The parts of `todoku contacts`, each in its file.
#pragma once
#include <string>
#include <string_view>

#include "app/phrase.h"
#include "audience/contact.h"
#include "audience/list.h"
#include "base/result.h"

namespace CLI {
class App;
}

namespace todoku::app {

class Context;

void add_contacts_import(CLI::App& contacts, Context& context);
void add_contacts_export(CLI::App& contacts, Context& context);
void add_contacts_list(CLI::App& contacts, Context& context);
void add_contacts_show(CLI::App& contacts, Context& context);
void add_contacts_add(CLI::App& contacts, Context& context);
void add_contacts_unsubscribe(CLI::App& contacts, Context& context);

/// Errors: not_found.
[[nodiscard]] base::Result<base::ListId> need_list(store::Connection& db, const std::string& name);
[[nodiscard]] base::Result<audience::Contact> need_contact(store::Connection& db, const std::string& address);

[[nodiscard]] std::string_view state_name(audience::State state, bounce::Language language);

}  // namespace todoku::app
