// A leased batch in memory: whose turn is next, who is being served, who is to be tried again.
//
// Belongs to one I/O thread. Once nobody is left and nobody is being served, the batch goes back to the queue.
#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "base/id.h"
#include "queue/mail_source.h"
#include "queue/queue.h"

namespace todoku::delivery {

class Work {
 public:
  /// Who of a batch is to be served now; the others have an outcome of this batch from an earlier lease.
  struct Share {
    std::vector<base::ContactId> contacts;
    std::vector<queue::Retry> retries;  // of those who were deferred
  };

  /// `mails` may be shared by the works of one campaign that were claimed together.
  Work(queue::Batch batch, Share share, std::shared_ptr<queue::BatchMails> mails)
      : batch_(std::move(batch)),
        contacts_(std::move(share.contacts)),
        mails_(std::move(mails)),
        retries_(std::move(share.retries)) {}

  [[nodiscard]] const queue::Batch& batch() const { return batch_; }
  [[nodiscard]] queue::BatchMails& mails() { return *mails_; }
  [[nodiscard]] std::size_t waiting() const { return withdrawn_ ? 0 : contacts_.size() - next_ + returned_.size(); }

  /// The next recipient, now being served until settle().
  [[nodiscard]] std::optional<base::ContactId> take() {
    if (waiting() == 0) return std::nullopt;
    ++open_;
    if (returned_.empty()) return contacts_[next_++];
    const base::ContactId contact = returned_.back();
    returned_.pop_back();
    return contact;
  }

  /// The recipient was taken too early: the next take() is theirs.
  void give_back(base::ContactId contact) {
    --open_;
    returned_.push_back(contact);
  }

  /// The recipient has an outcome; with a time, it is to be tried again then.
  void settle(base::ContactId contact, std::optional<base::Time> again) {
    --open_;
    if (again) retries_.push_back({contact, *again});
  }

  /// The recipient was not served after all, and stays in the queue.
  void put_back() { --open_; }

  /// Nobody more of this batch is to be served now.
  void withdraw() { withdrawn_ = true; }
  [[nodiscard]] bool withdrawn() const { return withdrawn_; }

  [[nodiscard]] bool done() const { return waiting() == 0 && open_ == 0; }
  [[nodiscard]] const std::vector<queue::Retry>& retries() const { return retries_; }

 private:
  queue::Batch batch_;
  std::vector<base::ContactId> contacts_;
  std::shared_ptr<queue::BatchMails> mails_;
  std::vector<queue::Retry> retries_;
  std::vector<base::ContactId> returned_;
  std::size_t next_ = 0;
  std::size_t open_ = 0;
  bool withdrawn_ = false;
};

}  // namespace todoku::delivery
