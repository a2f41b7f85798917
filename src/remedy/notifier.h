// Posts notices to the operator's systems (notice.h), each to its target, until the target answers 2xx.
//
// A target that does not is tried again, later and later: after `first_wait`, then twice as long each time, at most six
// hours, `tries` times. It may hear of several contacts at once, of each one in order.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/runtime.h"
#include "net/task.h"
#include "remedy/notice.h"
#include "remedy/notify_target.h"
#include "store/store.h"

namespace todoku::remedy {

/// How long after that many failed tries; none: no more.
[[nodiscard]] std::optional<base::Duration> next_wait(const NotifyTarget& target, std::int64_t tries);

struct NotePost {
  std::string body;
  std::vector<std::string> fields;  // "Todoku-Signature: …"
};
/// The answer's status. Errors: it could not be asked, for the reason that the text says.
using Post = std::function<net::Task<base::Result<long>>(const NotifyTarget& target, NotePost post)>;

class Notifier {
 public:
  /// All live longer. `observe`: hears of each try; "sent", "failed", "dead".
  Notifier(store::Store& store, net::Runtime& runtime, const base::Clock& clock, std::vector<NotifyTarget> targets,
           Post post, std::function<void(const std::string& target, std::string_view result)> observe);

  /// Registers the targets, and runs until the runtime is closed.
  void start();

  /// One round for a target: claims, posts, and stores what came of it. How many were tried, of those how many failed.
  struct Round {
    std::size_t tried = 0;
    std::size_t failed = 0;
  };
  [[nodiscard]] net::Task<Round> round(const NotifyTarget& target);

 private:
  net::Task<> run(const NotifyTarget* target);
  net::Task<bool> deliver(const NotifyTarget& target, const Notice& notice);
  void store(const NotifyTarget& target, const Notice& notice, const std::string& problem);

  store::Store& store_;
  net::Runtime& runtime_;
  const base::Clock& clock_;
  const std::vector<NotifyTarget> targets_;
  const Post post_;
  const std::function<void(const std::string&, std::string_view)> observe_;
};

}  // namespace todoku::remedy
