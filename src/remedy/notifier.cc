#include "remedy/notifier.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "net/signal.h"

namespace todoku::remedy {
namespace {

constexpr int kWorkers = 4;  // contacts at once, of each target
constexpr std::int64_t kClaim = 4;
constexpr base::Duration kLease = std::chrono::minutes(3);  // longer than all of a claim can take
constexpr base::Duration kIdle{1'000};
constexpr base::Duration kAfterFailure{2'000};
constexpr base::Duration kLongestWait = std::chrono::hours(6);

}  // namespace

std::optional<base::Duration> next_wait(const NotifyTarget& target, std::int64_t tries) {
  if (tries >= target.tries) return std::nullopt;
  base::Duration wait = target.first_wait;
  for (std::int64_t i = 1; i < tries && wait < kLongestWait; ++i) wait *= 2;
  return std::min(wait, kLongestWait);
}

Notifier::Notifier(store::Store& store, net::Runtime& runtime, const base::Clock& clock,
                   std::vector<NotifyTarget> targets, Post post,
                   std::function<void(const std::string&, std::string_view)> observe)
    : store_(store),
      runtime_(runtime),
      clock_(clock),
      targets_(std::move(targets)),
      post_(std::move(post)),
      observe_(std::move(observe)) {}

void Notifier::start() {
  std::vector<std::string> names;
  for (const NotifyTarget& target : targets_) names.push_back(target.name);
  store_.write_now([&](store::Connection& db) { set_targets(db, names, clock_.now()); });
  for (const NotifyTarget& target : targets_) {
    for (int i = 0; i < kWorkers; ++i) runtime_.spawn(run(&target));
  }
}

net::Task<> Notifier::run(const NotifyTarget* target) {
  while (!runtime_.closing()) {
    base::Duration rest = kIdle;
    try {
      const Round done = co_await round(*target);
      if (done.tried > 0) rest = done.failed > 0 ? kAfterFailure : base::Duration{0};
    } catch (const store::Failure& failure) {  // what was leased is free again in a while
      base::log::warning("notify_postponed", {{"target", target->name}, {"cause", failure.what()}});
      rest = kAfterFailure;
    }
    if (rest.count() > 0 && !co_await net::sleep(rest)) co_return;
  }
}

net::Task<Notifier::Round> Notifier::round(const NotifyTarget& target) {
  const auto notices = co_await net::offload(runtime_, [this, &target] {
    std::vector<Notice> claimed;
    // Looks first: a write a second for nothing would keep the disk awake.
    if (!has_due_notice(*store_.read(), target.name, clock_.now())) return claimed;
    store_.write_now([&](store::Connection& db) {
      const base::Time now = clock_.now();
      claimed = claim_notices(db, target.name, now, now + kLease, kClaim);
    });
    return claimed;
  });
  Round done{.tried = notices.size()};
  for (const Notice& notice : notices) done.failed += co_await deliver(target, notice) ? 0 : 1;
  co_return done;
}

net::Task<bool> Notifier::deliver(const NotifyTarget& target, const Notice& notice) {
  NotePost post{.body = body_of(notice), .fields = {}};
  post.fields = {"Todoku-Signature: " + signature_of(target.secret.reveal(), post.body, clock_.now()),
                 fmt::format("Todoku-Event: {}", type_of(notice)), fmt::format("Todoku-Event-Id: {}", notice.id.value)};
  const auto status = co_await post_(target, std::move(post));
  std::string problem;
  if (!status) problem = status.error().text();
  if (status && (*status < 200 || *status > 299)) problem = fmt::format("it answered {}", *status);
  co_await runtime_.offload([this, &target, &notice, &problem] { store(target, notice, problem); });
  const bool taken = problem.empty();
  co_return taken;
}

void Notifier::store(const NotifyTarget& target, const Notice& notice, const std::string& problem) {
  const auto wait = problem.empty() ? std::nullopt : next_wait(target, notice.tries);
  store_.write_now([&](store::Connection& db) {
    if (problem.empty()) return settle_notice(db, notice, clock_.now());
    put_off_notice(db, notice, wait ? std::optional(clock_.now() + *wait) : std::nullopt, problem);
  });
  const std::string_view result = problem.empty() ? "sent" : wait ? "failed" : "dead";
  observe_(target.name, result);
  if (!problem.empty()) {
    base::log::warning("notify_failed", {{"target", target.name},
                                         {"notice", notice.id.value},
                                         {"tries", notice.tries},
                                         {"dead", !wait},
                                         {"cause", problem}});
  }
}

}  // namespace todoku::remedy
