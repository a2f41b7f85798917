#include "app/sending_watch.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "app/command.h"
#include "app/interruption.h"
#include "app/phrase.h"
#include "app/sending_progress.h"
#include "app/serve/daemon_lock.h"
#include "campaign/status.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr std::chrono::milliseconds kLook{250};

constexpr Phrase kWatching = {"todoku serve({})が送信しています。Ctrl-C で表示だけを終えます。\n",
                              "todoku serve ({}) is sending; Ctrl-C ends only this display.\n"};
constexpr Phrase kGone = {"todoku serve が終了しました。再び起動すると続きから送信します。\n",
                          "todoku serve has ended; it goes on when it is started again.\n"};

std::optional<Sending::End> end_of(campaign::State state) {
  if (state == campaign::State::paused) return Sending::End::paused;
  if (state == campaign::State::cancelled) return Sending::End::cancelled;
  if (state == campaign::State::finished) return Sending::End::finished;
  return std::nullopt;
}

}  // namespace

void watch_sending(Context& context, base::CampaignId id, const std::string& daemon) {
  fmt::print(stderr, "{}", fmt::format(fmt::runtime(kWatching.in(context.lang())), daemon));
  const Interruption interruption;
  SendingProgress progress(context.lang());
  while (!interruption.came()) {
    std::this_thread::sleep_for(kLook);
    campaign::Status status;
    {
      const store::Lease db = context.store().read();
      status = campaign::status_of(*db, campaign::find(*db, id).value());
    }
    progress.show(status);
    if (const auto end = end_of(status.campaign.state)) return progress.finish(status, *end);
    if (serving(context.data)) continue;
    fmt::print(stderr, "{}", kGone.in(context.lang()));
    context.exit_status = 1;
    return;
  }
  context.exit_status = 130;
}

}  // namespace todoku::app
