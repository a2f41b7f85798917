// Makes outcomes durable, many in one commit.
//
// Sessions hand in one outcome for each mail and wait for its signal; while one group is being committed the next
// gathers, and where many sessions are at work a commit waits a moment for a part of them: each costs the same, however
// many it carries. The outcome sink (stop policy, counters) hears of the group in the same transaction. A commit that
// fails is tried again until it succeeds or the engine stops: mails were handed over, so their outcomes are never
// dropped, and since every session waits for its own, nothing more is sent in the meantime.
#pragma once
#include <atomic>
#include <exception>
#include <mutex>
#include <vector>

#include "net/runtime.h"
#include "net/signal.h"
#include "queue/mail_source.h"
#include "queue/outcome.h"
#include "queue/words.h"
#include "store/store.h"

namespace todoku::delivery {

class Recorder {
 public:
  /// All three live longer than the recorder.
  Recorder(store::Store& store, queue::OutcomeSink& sink, net::Runtime& runtime);

  /// The signal is set once the outcome is on disk; those that are written together share one. `sessions`: at work
  /// now, this one included. From any thread.
  [[nodiscard]] net::Signal record(queue::Outcome outcome, int sessions);

  /// Queues a job behind the outcomes handed in so far. Job failures are logged and tried again likewise.
  void then(store::Store::Job job);

  /// Nothing handed in is still on its way to the disk.
  [[nodiscard]] bool idle() const;

  /// Whether the last commit failed: nothing is being sent until one succeeds.
  [[nodiscard]] bool troubled() const { return troubled_; }

 private:
  struct Group {
    std::vector<queue::Outcome> outcomes;
    std::vector<net::Signal> durable;  // one, or after a failed write one of each group it was to take
    std::vector<store::Store::Job> jobs;
    [[nodiscard]] bool empty() const { return outcomes.empty() && jobs.empty(); }
  };

  /// Whether what waits is written at once; else it will be soon. Holds mutex_.
  [[nodiscard]] bool begins();
  static net::Task<> gather(Recorder* recorder);
  void flush();
  void run(store::Connection& db);
  void committed(const std::exception_ptr& problem);
  static net::Task<> flush_later(Recorder* recorder);

  store::Store& store_;
  queue::OutcomeSink& sink_;
  net::Runtime& runtime_;
  mutable std::mutex mutex_;
  Group waiting_;            // guarded by mutex_
  Group writing_;            // guarded by mutex_; the group of the write under way
  queue::WordMemory words_;  // of the write under way
  std::size_t enough_ = 1;   // guarded by mutex_; outcomes for which no commit waits any longer
  bool gathering_ = false;   // guarded by mutex_
  bool under_way_ = false;   // guarded by mutex_
  std::atomic<bool> troubled_ = false;
};

}  // namespace todoku::delivery
