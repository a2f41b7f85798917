// Threads that do not interrupt others: one for which something has come waits until one at work pauses (SCHED_BATCH).
//
// For what counts in mails a second and not in milliseconds: where the processors are busy, it spares several changes
// of thread a mail.
#pragma once
#include <sched.h>

namespace todoku::net {

/// The threads that this thread starts while it lives, and those that they start, are patient. Where an operator chose
/// how we are scheduled, that stays.
class PatientThreads {
 public:
  PatientThreads() : changed_(::sched_getscheduler(0) == SCHED_OTHER && set(SCHED_BATCH)) {}
  ~PatientThreads() {
    if (changed_) set(SCHED_OTHER);
  }
  PatientThreads(const PatientThreads&) = delete;
  PatientThreads& operator=(const PatientThreads&) = delete;

 private:
  static bool set(int policy) {
    const sched_param ordinary{};
    return ::sched_setscheduler(0, policy, &ordinary) == 0;
  }
  bool changed_;
};

}  // namespace todoku::net
