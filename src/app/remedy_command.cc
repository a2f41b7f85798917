// `todoku remedy`: what the explanation of an error advises, done.
#include "app/remedy_command.h"

#include <fmt/format.h>

#include <CLI/App.hpp>

#include "app/command.h"
#include "app/phrase.h"
#include "app/serve/daemon_lock.h"

namespace todoku::app {
namespace {

constexpr Phrase kPaused = {"配信「{0}」は一時停止中です。`todoku campaign resume {1}` で送られます。\n",
                            "Campaign \"{0}\" is paused; `todoku campaign resume {1}` sends it.\n"};
constexpr Phrase kDaemon = {"送信は todoku serve ({}) が行います。\n", "todoku serve ({}) sends it.\n"};
constexpr Phrase kCommand = {"`todoku campaign send {}` で送られます。\n", "`todoku campaign send {}` sends it.\n"};

}  // namespace

void say_who_sends(Context& context, const campaign::Campaign& campaign) {
  const auto language = context.lang();
  if (campaign.state == campaign::State::paused) {
    fmt::print(fmt::runtime(kPaused.in(language)), campaign.name, campaign.id.value);
  } else if (const auto daemon = serving(context.data)) {
    fmt::print(fmt::runtime(kDaemon.in(language)), *daemon);
  } else {
    fmt::print(fmt::runtime(kCommand.in(language)), campaign.id.value);
  }
}

void add_remedy(CLI::App& root, Context& context) {
  CLI::App* remedy = root.add_subcommand(
      "remedy", "What an error calls for: correct an address, send again, split, link, reflow, scan");
  remedy->require_subcommand(1);
  add_remedy_correct(*remedy, context);
  add_remedy_resend(*remedy, context);
  add_remedy_split(*remedy, context);
  add_remedy_link(*remedy, context);
  add_remedy_reflow(*remedy, context);
  add_remedy_scan(*remedy, context);
}

}  // namespace todoku::app
