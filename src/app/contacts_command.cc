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
  add_contacts_export(*contacts, context);
  add_contacts_list(*contacts, context);
  add_contacts_show(*contacts, context);
  add_contacts_add(*contacts, context);
  add_contacts_unsubscribe(*contacts, context);
}

base::Result<base::ListId> need_list(store::Connection& db, const std::string& name) {
  if (const auto list = audience::find_list(db, name)) return *list;
  return base::Error{base::ErrorCode::not_found, "no such list: " + name, "`todoku contacts list` shows them", ""};
}

base::Result<audience::Contact> need_contact(store::Connection& db, const std::string& address) {
  if (auto contact = audience::find_contact(db, address)) return *std::move(contact);
  return base::Error{base::ErrorCode::not_found, "no contact has this address", "check its spelling", address};
}

std::string_view state_name(audience::State state, bounce::Language language) {
  constexpr Phrase kNames[audience::kStateCount] = {{"配信中", "active"},
                                                    {"未確認", "unconfirmed"},
                                                    {"配信停止", "unsubscribed"},
                                                    {"エラー停止", "stopped by errors"},
                                                    {"配信禁止", "suppressed"}};
  return kNames[static_cast<std::size_t>(state)].in(language);
}

}  // namespace todoku::app
