// `todoku contacts add` and `todoku contacts unsubscribe`.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <memory>

#include "app/command.h"
#include "app/contacts_command.h"
#include "audience/suppression.h"
#include "base/clock.h"
#include "store/store.h"

namespace todoku::app {
namespace {

struct Addition {
  std::string address;
  std::string name;
  std::string list;
  std::string consent;
  std::vector<std::string> fields;
};

base::Result<audience::Fields> fields_of(const std::vector<std::string>& texts) {
  audience::Fields fields;
  for (const auto& text : texts) {
    const auto sign = text.find('=');
    if (sign == std::string::npos || sign == 0) {
      return base::Error{base::ErrorCode::invalid, "a field is written NAME=VALUE", "for example --field city=Yokohama",
                         text};
    }
    fields.set(text.substr(0, sign), text.substr(sign + 1));
  }
  return fields;
}

void add(Context& context, const Addition& addition) {
  const auto fields = fields_of(addition.fields);
  if (!fields) return context.fail(fields.error(), 2);
  const auto now = base::SystemClock().now();
  base::Result<base::ContactId> added = base::ContactId{};
  context.store().write_now([&](store::Connection& db) {
    added = audience::add_contact(
        db,
        {.address = addition.address,
         .name = addition.name,
         .fields = *fields,
         .consent = addition.consent.empty() ? std::nullopt : std::optional<std::string_view>(addition.consent)},
        now);
    if (added) audience::add_member(db, audience::make_list(db, addition.list, now), *added);
  });
  if (!added) return context.fail(added.error(), 2);
  const auto contact = audience::find_contact(*context.store().read(), *added);
  fmt::print("{}: {}\n", contact->address, state_name(contact->state, context.lang()));
}

void unsubscribe(Context& context, const std::vector<std::string>& addresses) {
  for (const auto& address : addresses) {
    base::Result<void> done = base::done;
    context.store().write_now([&](store::Connection& db) {
      const auto contact = need_contact(db, address);
      if (!contact) {
        done = contact.error();
      } else {
        done = audience::unsubscribe(db, contact->id, audience::kUnsubscribed, base::SystemClock().now());
      }
    });
    if (!done) {
      context.fail(done.error(), 2);
    } else {
      fmt::print("{}: {}\n", address, state_name(audience::State::unsubscribed, context.lang()));
    }
  }
}

}  // namespace

void add_contacts_add(CLI::App& contacts, Context& context) {
  CLI::App* command = contacts.add_subcommand("add", "Add one contact to a list");
  const auto addition = std::make_shared<Addition>();  // shared: options and callback outlive this call
  command->add_option("address", addition->address, "Mail address")->required();
  command->add_option("--list", addition->list, "List; made where missing")->required();
  command->add_option("--name", addition->name, "Name");
  command->add_option("--consent", addition->consent, "Basis of consent; without one it is not sent to");
  command->add_option("--field", addition->fields, "NAME=VALUE; may be repeated");
  command->callback([&context, addition] { add(context, *addition); });
}

void add_contacts_unsubscribe(CLI::App& contacts, Context& context) {
  CLI::App* command = contacts.add_subcommand("unsubscribe", "Never mail these contacts again");
  const auto addresses = std::make_shared<std::vector<std::string>>();  // shared: as above
  command->add_option("address", *addresses, "Mail addresses")->required();
  command->callback([&context, addresses] { unsubscribe(context, *addresses); });
}

}  // namespace todoku::app
