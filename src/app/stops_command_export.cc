// `todoku stops export`: stopped contacts as CSV for a spreadsheet, with the cause and what to do in words.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <cstdio>
#include <initializer_list>
#include <memory>

#include "app/command.h"
#include "app/mail_name.h"
#include "app/output_file.h"
#include "app/phrase.h"
#include "app/stops_command.h"
#include "audience/csv_cell.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::Stop;
using bounce::Language;

constexpr std::int64_t kPage = 1000;

struct Arguments {
  std::string file;
  StopChoice choice;
};

std::string row(std::initializer_list<std::string_view> cells) {
  std::string line;
  for (const std::string_view cell : cells) {
    if (!line.empty()) line += ',';
    audience::append_csv_cell(line, cell);
  }
  return line + "\r\n";
}

void write(store::Connection& db, audience::StopFilter filter, std::FILE* out, Language language) {
  fmt::print(out, "\xef\xbb\xbf{}",
             row({"email", "name", "reason", "reason_text", "errors", "stopped_at", "campaign", "reply", "remedy",
                  "rule", "policy_version", "id"}));
  MailNames names(language);
  filter.limit = kPage;
  for (;;) {
    const auto page = audience::find_stops(db, filter);
    if (page.empty()) return;
    filter.after = page.back().id;
    for (const Stop& stop : page) {
      const auto& explanation = bounce::explain(stop.reason, language);
      fmt::print(
          out, "{}",
          row({stop.address, stop.name, bounce::to_string(stop.reason), explanation.name, std::to_string(stop.errors),
               local_time(stop.at), names.of(db, stop.campaign), one_line(stop.reply), explanation.what, stop.rule,
               std::to_string(stop.version), std::to_string(stop.id.value)}));
    }
  }
}

void export_stops(Context& context, const Arguments& arguments) {
  const auto db = context.store().read();
  const auto filter = arguments.choice.filter(*db);
  if (!filter) return context.fail(filter.error(), 2);
  write_output(context, arguments.file, [&](std::FILE* out) { write(*db, *filter, out, context.lang()); });
}

}  // namespace

void add_stops_export(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("export", "Write stopped contacts as CSV for a spreadsheet");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("FILE", arguments->file, "File, or - for standard output")->required();
  add_stop_choice(*command, arguments->choice);
  command->callback([&context, arguments] { export_stops(context, *arguments); });
}

}  // namespace todoku::app
