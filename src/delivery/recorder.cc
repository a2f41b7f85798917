#include "delivery/recorder.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "queue/outcomes.h"

namespace todoku::delivery {
namespace {

constexpr base::Duration kPauseAfterFailure{1000};

/// How many of the sessions at work a commit waits for, and how long at most: the others go on while those are being
/// written. PostgreSQL's commit goes to another process and back many times, SQLite's is a call.
struct Gathering {
  int sixths;  // of the sessions
  base::Duration most;
};
constexpr Gathering kSqlite{2, base::Duration{4}};
constexpr Gathering kPostgres{5, base::Duration{8}};

Gathering gathering_for(store::Engine engine) { return engine == store::Engine::sqlite ? kSqlite : kPostgres; }

template <class T>
void move_to_end(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

std::string message_of(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::exception& e) {
    return e.what();
  }
}

}  // namespace

Recorder::Recorder(store::Store& store, queue::OutcomeSink& sink, net::Runtime& runtime)
    : store_(store), sink_(sink), runtime_(runtime) {}

net::Signal Recorder::record(queue::Outcome outcome, int sessions) {
  std::unique_lock lock(mutex_);
  enough_ = static_cast<std::size_t>(std::max(sessions * gathering_for(store_.engine()).sixths / 6, 1));
  if (waiting_.durable.empty()) waiting_.durable.emplace_back();
  net::Signal durable = waiting_.durable.front();
  waiting_.outcomes.push_back(std::move(outcome));
  const bool begin = begins();
  lock.unlock();
  if (begin) flush();
  return durable;
}

void Recorder::then(store::Store::Job job) {
  bool begin = false;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.jobs.push_back(std::move(job));
    begin = begins();
  }
  if (begin) flush();
}

bool Recorder::idle() const {
  const std::scoped_lock lock(mutex_);
  return !under_way_ && !gathering_;
}

bool Recorder::begins() {
  if (under_way_ || waiting_.empty()) return false;
  if (waiting_.jobs.empty() && waiting_.outcomes.size() < enough_ && !runtime_.closing()) {
    if (!std::exchange(gathering_, true)) runtime_.spawn(gather(this));
    return false;
  }
  under_way_ = true;
  return true;
}

net::Task<> Recorder::gather(Recorder* recorder) {
  (void)co_await net::sleep(gathering_for(recorder->store_.engine()).most);  // cut short: all the sooner
  {
    const std::scoped_lock lock(recorder->mutex_);
    recorder->gathering_ = false;
    if (recorder->under_way_ || recorder->waiting_.empty()) co_return;
    recorder->under_way_ = true;
  }
  recorder->flush();
}

void Recorder::flush() {
  store_.write([this](store::Connection& db) { run(db); },
               [this](const std::exception_ptr& problem) { committed(problem); });
}

// The writer may run this twice (a serialization failure, a retry of ours): what is being written stays in writing_
// until it is on disk.
void Recorder::run(store::Connection& db) {
  if (!writing_.outcomes.empty()) words_.forget();  // some may have been added by a group that is undone
  {
    const std::scoped_lock lock(mutex_);
    move_to_end(waiting_.outcomes, writing_.outcomes);
    move_to_end(waiting_.durable, writing_.durable);
    move_to_end(waiting_.jobs, writing_.jobs);
  }
  // Nobody else touches writing_ while the write is under way.
  if (!writing_.outcomes.empty()) queue::append(db, writing_.outcomes, &sink_, &words_);
  for (const store::Store::Job& job : writing_.jobs) job(db);
}

void Recorder::committed(const std::exception_ptr& problem) {
  troubled_ = problem != nullptr;
  if (problem) {
    words_.forget();
    base::log::error("outcomes_not_stored", {{"waiting", writing_.outcomes.size()}, {"cause", message_of(problem)}});
    if (!runtime_.closing()) return runtime_.spawn(flush_later(this));
    const std::scoped_lock lock(mutex_);
    under_way_ = false;  // the end: these mails stay in doubt
    return;
  }
  Group written;
  bool more = false;
  {
    const std::scoped_lock lock(mutex_);
    std::swap(written, writing_);
    under_way_ = false;
    more = begins();
  }
  for (const net::Signal& durable : written.durable) durable.set();
  if (more) flush();
}

net::Task<> Recorder::flush_later(Recorder* recorder) {
  if (co_await net::sleep(kPauseAfterFailure)) recorder->flush();
}

}  // namespace todoku::delivery
