// `todoku stops`: contacts that errors stopped, and the way back.
#include "app/stops_command.h"

#include <CLI/App.hpp>

#include "app/command.h"
#include "app/commands.h"
#include "mail/address.h"

namespace todoku::app {

base::Result<audience::StopFilter> StopChoice::filter(store::Connection& db) const {
  audience::StopFilter filter;
  if (!reason.empty()) {
    filter.reason = bounce::reason_of(reason);
    if (!filter.reason) {
      return base::Error{base::ErrorCode::invalid, "no such reason: " + reason,
                         "for example user_unknown or mailbox_full; `todoku stops list` shows those there are",
                         "--reason"};
    }
  }
  if (!list.empty()) {
    filter.list = audience::find_list(db, list);
    if (!filter.list) {
      return base::Error{base::ErrorCode::not_found, "no such list: " + list, "`todoku contacts list` shows them",
                         "--list"};
    }
  }
  if (!domain.empty()) {
    auto ascii = mail::ascii_domain(domain);
    if (!ascii) return std::move(ascii).error();
    filter.domain = *std::move(ascii);
  }
  return filter;
}

void add_stop_choice(CLI::App& command, StopChoice& choice) {
  command.add_option("--reason", choice.reason, "Those stopped for this cause (user_unknown, mailbox_full …)");
  command.add_option("--list", choice.list, "Those of this list");
  command.add_option("--domain", choice.domain, "Those of this domain");
}

void add_stops(CLI::App& root, Context& context) {
  CLI::App* stops =
      root.add_subcommand("stops", "Contacts that errors stopped: list, explain, export and release them");
  stops->require_subcommand(1);
  stops->fallthrough();
  add_stops_list(*stops, context);
  add_stops_export(*stops, context);
  add_stops_explain(*stops, context);
  add_stops_release(*stops, context);
  add_stops_retest(*stops, context);
  add_stops_domains(*stops, context);
  add_stops_review(*stops, context);
}

}  // namespace todoku::app
