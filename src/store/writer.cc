#include "store/writer.h"

#include <chrono>

#include "base/log.h"

namespace todoku::store {
namespace {

constexpr std::size_t kMaxWaiting = 10'000;
constexpr std::size_t kMaxGroup = 4'000;
constexpr std::chrono::milliseconds kMaxGroupTime{20};
constexpr int kMaxAttempts = 8;

/// What says something of the transaction or the connection, and not of the one job.
bool concerns_group(const Failure& failure) {
  return failure.kind() == Failure::Kind::lost || failure.kind() == Failure::Kind::busy ||
         failure.kind() == Failure::Kind::full;
}

struct JobFailed {};  // without savepoints: the transaction is to be run again with them

}  // namespace

Writer::Writer(std::function<std::unique_ptr<Connection>()> open, std::unique_ptr<Connection> first)
    : open_(std::move(open)), connection_(std::move(first)), thread_([this] { work(); }) {}

Writer::~Writer() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  task_added_.notify_all();
  thread_.join();
}

void Writer::add(Store::Job job, Store::Committed committed) {
  std::unique_lock lock(mutex_);
  // The writer's own callbacks may add beyond the limit: nobody else could make room.
  if (tasks_.size() >= kMaxWaiting && !on_its_thread()) {
    task_taken_.wait(lock, [this] { return tasks_.size() < kMaxWaiting; });
  }
  tasks_.push_back({std::move(job), std::move(committed), nullptr});
  if (tasks_.size() == 1) task_added_.notify_one();
}

bool Writer::wait_for_task() {
  std::unique_lock lock(mutex_);
  task_added_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
  return !tasks_.empty();
}

bool Writer::take(std::vector<Task>& group) {
  const std::lock_guard lock(mutex_);
  if (tasks_.empty()) return false;
  group.push_back(std::move(tasks_.front()));
  tasks_.pop_front();
  if (tasks_.size() < kMaxWaiting) task_taken_.notify_one();
  return true;
}

void Writer::work() {
  std::vector<Task> group;
  while (wait_for_task()) {
    group.clear();
    run_group(group);
    for (Task& task : group) {
      if (task.committed) task.committed(task.error);
    }
  }
}

void Writer::run_group(std::vector<Task>& group) {
  std::exception_ptr error;
  bool savepoints = false;
  for (int n = 1; n <= kMaxAttempts; ++n) {
    try {
      connect();
      attempt(group, savepoints ? Guard::savepoints : Guard::none);
      return;
    } catch (const JobFailed&) {
      savepoints = true;
    } catch (const Failure& failure) {
      error = std::current_exception();
      base::log::warning("store.group_failed", {{"jobs", group.size()}, {"cause", failure.what()}});
      if (failure.kind() != Failure::Kind::busy) break;
    }
  }
  // Without a connection nobody has taken them: who waits hears of it now, not one by one.
  for (bool more = group.empty(); more && group.size() < kMaxGroup;) more = take(group);
  for (Task& task : group) task.error = error;
}

/// One transaction over the group, which grows at the first attempt.
void Writer::attempt(std::vector<Task>& group, Guard guard) {
  const auto end = std::chrono::steady_clock::now() + kMaxGroupTime;
  Transaction transaction(*connection_);
  for (Task& task : group) {
    task.error = nullptr;
    run_job(task, guard);
  }
  while (group.size() < kMaxGroup && std::chrono::steady_clock::now() < end && take(group)) {
    run_job(group.back(), guard);
  }
  transaction.commit();
}

void Writer::run_job(Task& task, Guard guard) {
  try {
    if (guard == Guard::none) return task.job(*connection_);
    Transaction savepoint(*connection_);
    task.job(*connection_);
    savepoint.commit();
  } catch (const Failure& failure) {
    if (concerns_group(failure)) throw;
    task.error = std::current_exception();
  } catch (...) {  // the border of a job: whatever it threw is handed to whoever waits for it
    task.error = std::current_exception();
  }
  if (task.error && guard == Guard::none) throw JobFailed{};
}

void Writer::connect() {
  if (connection_ && connection_->usable()) return;
  connection_.reset();
  connection_ = open_();
}

}  // namespace todoku::store
