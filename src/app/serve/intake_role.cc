#include "app/serve/intake_role.h"

#include "app/command.h"
#include "base/log.h"
#include "intake/records.h"
#include "store/store.h"

namespace todoku::app {
namespace {

constexpr base::Duration kLook{500};
constexpr base::Duration kAfterTrouble{5'000};
constexpr base::Duration kForgetEvery{600'000};
constexpr std::int64_t kForgetAtOnce = 1000;

}  // namespace

IntakeRole::IntakeRole(Context& context, store::Store& store, Health& health, std::unique_ptr<IntakeWiring> wiring)
    : store_(store), health_(health), keep_(context.config().duration("intake.keep")), wiring_(std::move(wiring)) {
  for (const std::string& path : context.config().texts("intake.maildirs")) {
    folders_.emplace_back(path, wiring_->intake(), clock_);
  }
}

IntakeRole::~IntakeRole() { stop(); }

base::Result<std::unique_ptr<IntakeRole>> IntakeRole::make(Context& context, store::Store& store, Health& health,
                                                           Meters& meters) {
  auto wiring = IntakeWiring::make(context, store, [&meters](auto road, auto state, auto kind) {
    meters.took_in(intake::to_string(road), intake::to_string(state), bounce::to_string(kind));
  });
  if (!wiring) return std::move(wiring).error();
  std::unique_ptr<IntakeRole> role(new IntakeRole(context, store, health, *std::move(wiring)));
  auto names = SourceNames::make(context.config(), store);
  if (!names) return std::move(names).error();
  role->names_ = *std::move(names);
  if (!context.config().mailboxes().empty()) {
    auto mailboxes = MailboxWiring::make(context.config(), store, *role->wiring_, health);
    if (!mailboxes) return std::move(mailboxes).error();
    role->mailboxes_ = *std::move(mailboxes);
  }
  return role;
}

void IntakeRole::begin() {
  if (mailboxes_) mailboxes_->begin();
  folder_thread_ = std::jthread([this](const std::stop_token& stop) { watch_folders(stop); });
  spoofing_thread_ = std::jthread([this](const std::stop_token& stop) { watch_spoofing(stop); });
}

void IntakeRole::stop() {
  if (mailboxes_) mailboxes_->stop();
  for (std::jthread* thread : {&folder_thread_, &spoofing_thread_}) {
    thread->request_stop();
    if (thread->joinable()) thread->join();
  }
}

void IntakeRole::wait(const std::stop_token& stop, base::Duration time) {
  std::unique_lock lock(mutex_);
  waking_.wait_for(lock, stop, time, [] { return false; });
}

void IntakeRole::watch_folders(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    base::Duration pause = kLook;
    try {
      if (look_into_folders()) pause = base::Duration{0};
      forget_old();
    } catch (const store::Failure& failure) {  // the health page has it from the store's own users
      base::log::warning("intake_waits", {{"cause", failure.what()}});
      pause = kAfterTrouble;
    } catch (const std::exception& failure) {  // a folder that cannot be written to
      health_.say("intake", failure.what());
      base::log::error("intake_failed", {{"cause", failure.what()}});
      pause = kAfterTrouble;
    }
    if (pause.count() > 0) wait(stop, pause);
  }
}

void IntakeRole::watch_spoofing(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      names_->look_up(clock_.now());
      warn_of_spoofing(store_, health_);
    } catch (const std::exception& failure) {  // the health page has it from the store's own users
      base::log::warning("spoofing_watch_waits", {{"cause", failure.what()}});
    }
    wait(stop, kAfterTrouble);
  }
}

/// Whether more lies there.
bool IntakeRole::look_into_folders() {
  bool more = false;
  for (intake::MaildirWatch& folder : folders_) look_into(folder, more);
  return more;
}

void IntakeRole::look_into(intake::MaildirWatch& folder, bool& more) {
  const std::string part = "folder " + folder.maildir().string();
  const auto taken = folder.take_some();
  health_.say(part, taken ? "" : taken.error().text());
  if (taken && *taken > 0) more = true;
}

void IntakeRole::forget_old() {
  const base::Time now = clock_.now();
  if (now - forgot_at_ < kForgetEvery) return;
  std::int64_t forgotten = 0;
  store_.write_now(
      [&](store::Connection& db) { forgotten = intake::forget_originals(db, now - keep_, kForgetAtOnce); });
  if (forgotten < kForgetAtOnce) forgot_at_ = now;
}

}  // namespace todoku::app
