// The engine's side of source addresses that are being warmed up: their accounts are in the database.
#include <algorithm>

#include "base/log.h"
#include "delivery/engine.h"

namespace todoku::delivery {
namespace {

constexpr base::Duration kTell{1000};
constexpr base::Duration kLook{50};
constexpr base::Duration kPauseAfterFailure{1000};

}  // namespace

bool Engine::warms_up() const {
  return std::ranges::any_of(options_.sources, [](const Source& each) { return !each.warm_up.empty(); });
}

/// Tells the accounts each second what was answered, and takes at once what mails wait for. What is left is given back
/// only when the last connection is closed.
net::Task<> Engine::warm_up(Engine* engine, Running /*running*/) {
  bool open = true;
  base::Time told{};
  while (open && (!engine->stopping_ || engine->shard_.connections() > 0)) {
    const base::Time now = engine->parts_.clock.now();
    const bool all = now - told >= kTell;
    base::Duration pause = kLook;
    if (all || engine->shard_.lacks_warm_ups(now)) {
      const Shard::WarmUpQuestion question = engine->shard_.ask_for_warm_ups(now, all);
      if (!co_await engine->tell_accounts(question)) pause = kPauseAfterFailure;
    }
    if (all) told = now;
    open = co_await net::sleep(pause);
  }
  if (!open) co_return;  // cut short: what is left of the lots is lost for today
  const Shard::WarmUpQuestion last = engine->shard_.give_up_warm_ups();
  (void)co_await engine->tell_accounts(last);
}

/// False: the database could not be reached.
net::Task<bool> Engine::tell_accounts(const Shard::WarmUpQuestion& question) {
  if (question.lines.empty()) co_return true;
  std::optional<std::vector<WarmUpShare::Answer>> answers;
  try {
    answers = co_await net::offload(parts_.runtime, [this, &question] {
      std::vector<WarmUpShare::Answer> given;
      parts_.store.write_now(
          [&](store::Connection& db) { given = exchange_warm_ups(db, question.lines, parts_.clock.now()); });
      return given;
    });
  } catch (const store::Failure& e) {
    base::log::error("warm_up_not_stored", {{"cause", e.what()}});
  }
  if (answers) {
    shard_.hear(question, *answers);
  } else {
    shard_.missed(question);
  }
  co_return answers.has_value();
}

}  // namespace todoku::delivery
