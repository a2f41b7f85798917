// `todoku stops retest`: sends one mail to stopped addresses; `todoku serve` decides by what becomes of it.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/command.h"
#include "app/phrase.h"
#include "app/retests.h"
#include "app/stops_command.h"
#include "base/clock.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using audience::Stop;

constexpr Phrase kBegun{
    "確認メールを {} 件用意しました。`todoku serve` が送り、{} の間エラーが戻らなければ停止を解除します。\n",
    "{} test mails are ready; `todoku serve` sends them and resumes whose mail was taken and did not come back within "
    "{}.\n"};
constexpr Phrase kLeftOut{"  送らない  {}: {}\n", "  left out  {}: {}\n"};

struct Arguments {
  std::vector<std::string> addresses;
  StopChoice choice;
  std::int64_t limit = 20;
  std::string format = "text";
};

struct Begun {
  std::vector<std::string> addresses;
  std::vector<std::pair<std::string, std::string>> left_out;  // and why
};

void begin(store::Connection& db, const Stop& stop, const tracking::Tokens& tokens, Begun& begun) {
  const auto done = begin_retest(db, stop, tokens, base::SystemClock().now());
  if (done) {
    begun.addresses.push_back(stop.address);
  } else {
    begun.left_out.emplace_back(stop.address, done.error().message);
  }
}

void begin_addresses(store::Connection& db, const Arguments& arguments, const tracking::Tokens& tokens, Begun& begun) {
  for (const std::string& address : arguments.addresses) {
    const auto contact = audience::find_contact(db, address);
    const auto stops = contact ? audience::find_stops(db, {.contact = contact->id}) : std::vector<Stop>();
    if (stops.empty()) {
      begun.left_out.emplace_back(address, "it is not stopped by errors");
    } else {
      begin(db, stops.back(), tokens, begun);
    }
  }
}

/// The oldest stops first, until there are enough; those that may not be tested now are passed over.
void begin_chosen(store::Connection& db, const Arguments& arguments, audience::StopFilter filter,
                  const tracking::Tokens& tokens, Begun& begun) {
  for (;;) {
    const auto page = audience::find_stops(db, filter);
    if (page.empty()) return;
    filter.after = page.back().id;
    for (const Stop& stop : page) {
      if (static_cast<std::int64_t>(begun.addresses.size()) >= arguments.limit) return;
      begin(db, stop, tokens, begun);
    }
  }
}

void print_json(const Begun& begun) {
  boost::json::array left_out;
  for (const auto& [address, why] : begun.left_out) left_out.push_back({{"address", address}, {"why", why}});
  fmt::print("{}\n", boost::json::serialize(boost::json::object{
                         {"begun", boost::json::array(begun.addresses.begin(), begun.addresses.end())},
                         {"left_out", std::move(left_out)}}));
}

void retest(Context& context, const Arguments& arguments) {
  const bool chosen = arguments.choice.given();
  if (chosen != arguments.addresses.empty()) {
    return context.fail({base::ErrorCode::invalid, "say who: addresses, or --reason, --list or --domain", "", ""}, 2);
  }
  const auto filter = arguments.choice.filter(*context.store().read());
  if (!filter) return context.fail(filter.error(), 2);
  const tracking::Tokens tokens = tracking::load_tokens(context.store(), base::SystemClock().now());
  Begun begun;
  context.store().write_now([&](store::Connection& db) {
    begun = {};  // a job may run again
    if (chosen) {
      begin_chosen(db, arguments, *filter, tokens, begun);
    } else {
      begin_addresses(db, arguments, tokens, begun);
    }
  });
  if (begun.addresses.empty()) context.exit_status = 1;
  if (arguments.format == "json") return print_json(begun);
  fmt::print(fmt::runtime(kBegun.in(context.lang())), begun.addresses.size(),
             context.config().text("stop.retest_wait"));
  for (const auto& [address, why] : begun.left_out) {
    fmt::print(fmt::runtime(kLeftOut.in(context.lang())), address, why);
  }
}

}  // namespace

void add_stops_retest(CLI::App& stops, Context& context) {
  CLI::App* command = stops.add_subcommand("retest", "Send one mail to stopped addresses to see if they work again");
  const auto arguments = std::make_shared<Arguments>();  // shared: options and callback outlive this call
  command->add_option("address", arguments->addresses, "Addresses to test");
  add_stop_choice(*command, arguments->choice);
  command->add_option("--limit", arguments->limit, "At most so many")->check(CLI::Range(1, 1000));
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->callback([&context, arguments] { retest(context, *arguments); });
}

}  // namespace todoku::app
