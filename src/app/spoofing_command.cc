// `todoku spoofing`: mail in our name from elsewhere, by sending domain, with advice; and its alerts acknowledged.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>

#include "app/command.h"
#include "app/commands.h"
#include "app/phrase.h"
#include "app/spoofing_print.h"
#include "app/spoofing_settings.h"
#include "base/clock.h"
#include "mail/domain.h"
#include "store/store.h"

namespace todoku::app {
namespace {

namespace spoofing = intake::spoofing;

struct Arguments {
  std::string domain;
  int days = 30;
  std::string format = "text";
};

std::string ascii_domain(const std::string& typed) {
  std::string ascii;
  std::size_t bad = 0;
  return mail::to_ascii_domain(typed, ascii, bad) ? typed : ascii;
}

base::Result<std::optional<spoofing::NetworkOwners>> owners_of(const Config& config) {
  const std::string& file = config.text("spoofing.asn_database");
  if (file.empty()) return std::optional<spoofing::NetworkOwners>();
  auto owners = spoofing::NetworkOwners::open(file);
  if (!owners) return std::move(owners).error();
  return std::optional(*std::move(owners));
}

void show(Context& context, const Arguments& arguments) {
  auto own = own_sources(context.config());
  if (!own) return context.fail(own.error(), 2);
  auto owners = owners_of(context.config());
  if (!owners) return context.fail(owners.error(), 2);
  const base::Time now = base::SystemClock().now();
  const auto db = context.store().read();
  std::vector<std::string> domains = {ascii_domain(arguments.domain)};
  if (arguments.domain.empty()) domains = spoofing::pictured_domains(*db, arguments.days, now);
  const PicturePrinter printer(*owners ? &**owners : nullptr, context.lang());
  boost::json::array array;
  for (const std::string& domain : domains) {
    const auto picture = spoofing::read_picture(*db, domain, arguments.days, *own, now);
    if (arguments.format == "json") {
      array.push_back(printer.object(picture));
    } else {
      printer.print(picture);
    }
  }
  if (arguments.format == "json") return fmt::print("{}\n", boost::json::serialize(array));
  if (domains.empty()) {
    fmt::print("{}\n", Phrase{"この期間のレポートもエラーもありません (docs/spoofing.md)。",
                              "No reports and no bounces in this time (docs/spoofing.md)."}
                           .in(context.lang()));
  }
}

void acknowledge(Context& context, const std::string& domain) {
  std::int64_t count = 0;
  context.store().write_now([&](store::Connection& db) {
    count = spoofing::acknowledge(db, ascii_domain(domain), base::SystemClock().now());
  });
  fmt::print("{}: {}\n", Phrase{"確認済みにした警告", "Alerts acknowledged"}.in(context.lang()), grouped(count));
}

}  // namespace

void add_spoofing(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("spoofing", "Mail in your name from elsewhere, and what to do about it");
  command->require_subcommand(0, 1);
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("DOMAIN", arguments->domain, "A sending domain; without: all that anything was seen of");
  command->add_option("--days", arguments->days, "So many days up to now")->check(CLI::Range(1, 3660));
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([command, &context, arguments] {
    if (command->get_subcommands().empty()) show(context, *arguments);
  });
  CLI::App* seen = command->add_subcommand("acknowledge", "Take its alerts as seen");
  const auto domain = std::make_shared<std::string>();  // likewise
  seen->add_option("DOMAIN", *domain, "Only those of this domain");
  seen->callback([&context, domain] { acknowledge(context, *domain); });
}

}  // namespace todoku::app
