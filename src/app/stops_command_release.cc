// `todoku stops release`: gives stopped contacts their state back. Who is stopped for a cause that lies in the address
// itself (no such user, no such domain) stays stopped unless asked for by --force: the next mail would fail again, and
// mail to unknown addresses is what gets a sender blocked.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/stops_command.h"
#include "base/clock.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::Stop;
using bounce::Language;

struct Arguments {
  std::vector<std::string> addresses;
  StopChoice choice;
  bool all = false;
  bool force = false;
  std::string note;
  std::string format = "text";
};

struct Released {
  std::int64_t released = 0;
  std::vector<Stop> kept;  // for their cause
  std::vector<std::string> not_stopped;
};

constexpr std::int64_t kPage = 1000;

/// One page of stops: those of the guard go to `kept`, the rest is released.
void release_page(store::Connection& db, const Arguments& arguments, std::vector<Stop> page, Released& result) {
  std::vector<Stop> releasable;
  for (auto& stop : page) {
    const bool guarded = !arguments.force && audience::would_fail_again(stop.reason);
    (guarded ? result.kept : releasable).push_back(std::move(stop));
  }
  if (releasable.empty()) return;
  audience::release_stops(db, releasable, arguments.note, base::SystemClock().now());
  result.released += static_cast<std::int64_t>(releasable.size());
}

base::Result<void> release_chosen(store::Connection& db, const Arguments& arguments, Released& result) {
  auto filter = arguments.choice.filter(db);
  if (!filter) return std::move(filter).error();
  filter->limit = kPage;
  for (;;) {
    auto page = audience::find_stops(db, *filter);
    if (page.empty()) return base::done;
    filter->after = page.back().id;
    release_page(db, arguments, std::move(page), result);
  }
}

void release_addresses(store::Connection& db, const Arguments& arguments, Released& result) {
  for (const auto& address : arguments.addresses) {
    const auto contact = audience::find_contact(db, address);
    auto stops = contact ? audience::find_stops(db, {.contact = contact->id}) : std::vector<Stop>();
    if (stops.empty()) {
      result.not_stopped.push_back(address);
    } else {
      release_page(db, arguments, std::move(stops), result);
    }
  }
}

void print_text(const Released& result, Language language) {
  fmt::print("{}: {}\n", Phrase{"停止解除", "Resumed"}.in(language), grouped(result.released));
  for (const auto& address : result.not_stopped) {
    fmt::print("  {}: {}\n", address, Phrase{"エラー停止ではありません", "is not stopped by errors"}.in(language));
  }
  if (result.kept.empty()) return;
  fmt::print("{}: {}\n",
             Phrase{"原因が解消しないかぎり再びエラーになるため停止のまま (--force で解除)",
                    "Still stopped, because they would fail again until the cause is gone (--force to resume)"}
                 .in(language),
             grouped(static_cast<std::int64_t>(result.kept.size())));
  constexpr std::size_t kShown = 20;
  for (std::size_t i = 0; i < std::min(kShown, result.kept.size()); ++i) {
    const auto& explanation = bounce::explain(result.kept[i].reason, language);
    fmt::print("  {}  {}: {}\n", result.kept[i].address, explanation.name, explanation.what);
  }
}

void print_json(const Released& result) {
  boost::json::array kept;
  for (const auto& stop : result.kept) {
    kept.push_back({{"address", stop.address}, {"reason", bounce::to_string(stop.reason)}});
  }
  boost::json::array not_stopped(result.not_stopped.begin(), result.not_stopped.end());
  fmt::print("{}\n",
             boost::json::serialize(boost::json::object{
                 {"released", result.released}, {"kept", std::move(kept)}, {"not_stopped", std::move(not_stopped)}}));
}

void release(Context& context, const Arguments& arguments) {
  const bool chosen = arguments.all || arguments.choice.given();
  if (chosen != arguments.addresses.empty()) {
    return context.fail(
        {base::ErrorCode::invalid, "say who: addresses, or --reason, --list, --domain or --all", "", ""}, 2);
  }
  Released result;
  base::Result<void> done = base::done;
  context.store().write_now([&](store::Connection& db) {
    result = {};  // a job may run again
    if (chosen) {
      done = release_chosen(db, arguments, result);
    } else {
      release_addresses(db, arguments, result);
    }
  });
  if (!done) return context.fail(done.error(), 2);
  if (arguments.format == "json") {
    print_json(result);
  } else {
    print_text(result, context.lang());
  }
  if (!result.kept.empty() || !result.not_stopped.empty()) context.exit_status = 1;
}

}  // namespace

void add_stops_release(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("release", "Resume mailing to stopped contacts");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("address", arguments->addresses, "Addresses to release");
  add_stop_choice(*command, arguments->choice);
  command->add_flag("--all", arguments->all, "All");
  command->add_option("--note", arguments->note, "Why or by whom, kept with the stop");
  command->add_flag("--force", arguments->force, "Also those whose address itself is the cause");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { release(context, *arguments); });
}

}  // namespace todoku::app
