// `todoku contacts export`: a list as CSV, which `contacts import` reads again. Page by page, so that the size of the
// list does not matter.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <set>

#include "app/command.h"
#include "app/contacts_command.h"
#include "app/output_file.h"
#include "audience/rejected_rows.h"
#include "store/store.h"

namespace todoku::app {
namespace {

struct Arguments {
  std::string list;
  std::string output = "-";
};

void each_member(store::Connection& db, base::ListId list, const std::function<void(const audience::Contact&)>& use) {
  constexpr std::int64_t kPage = 5000;
  base::ContactId after;
  for (;;) {
    const auto page = audience::members(db, list, after, kPage);
    for (const auto& contact : page) use(contact);
    if (page.empty()) return;
    after = page.back().id;
  }
}

std::string row(const audience::Contact& contact, const std::set<std::string>& names) {
  std::string line;
  const auto add = [&](std::string_view field) {
    if (!line.empty()) line += ',';
    audience::append_csv_field(line, field);
  };
  add(contact.address);
  add(contact.name);
  add(contact.consent.value_or(""));
  add(contact.consent_at ? utc_time(*contact.consent_at) : "");
  add(audience::to_string(contact.state));
  for (const auto& name : names) {
    const auto* value = contact.fields.find(name);
    add(value ? std::string_view(*value) : std::string_view());
  }
  return line + "\r\n";
}

void write(store::Connection& db, base::ListId list, std::FILE* out) {
  std::set<std::string> names;
  each_member(db, list, [&](const audience::Contact& contact) {
    for (const auto& [name, value] : contact.fields) names.insert(name);
  });
  std::string header =
      "\xef\xbb\xbf"
      "email,name,consent,todoku_consent_at,todoku_state";
  for (const auto& name : names) {
    header += ',';
    audience::append_csv_field(header, name);
  }
  fmt::print(out, "{}\r\n", header);
  each_member(db, list, [&](const audience::Contact& contact) { fmt::print(out, "{}", row(contact, names)); });
}

void export_list(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  const auto list = need_list(*db, arguments.list);
  if (!list) return context.fail(list.error(), 2);
  write_output(context, arguments.output, [&](std::FILE* out) { write(*db, *list, out); });
}

}  // namespace

void add_contacts_export(CLI::App& contacts, Context& context) {
  CLI::App* command = contacts.add_subcommand("export", "Write a list as CSV");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("--list", arguments->list, "List")->required();
  command->add_option("--output", arguments->output, "File; else standard output");
  command->callback([&context, arguments] { export_list(context, *arguments); });
}

}  // namespace todoku::app
