// For delivery's tests: a receiving server that decides by a function, mails that say whose they are, and a memory of
// outcomes.
#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "delivery/route.h"
#include "queue/mail_source.h"
#include "smtp/server.h"

namespace todoku::delivery {

/// Takes what `decide` does not refuse, and counts each recipient's mails.
class Peer final : public smtp::Receiver {
 public:
  using Decide = std::function<smtp::Answer(const std::string& address, int attempt)>;
  explicit Peer(Decide decide = {}) : decide_(std::move(decide)) {}

  net::Task<smtp::Answer> recipient(smtp::Visit&, const std::string& address) override {
    const std::scoped_lock lock(mutex_);
    const int attempt = ++attempts_[address];
    co_return decide_ ? decide_(address, attempt) : smtp::Answer{};
  }
  net::Task<smtp::Answer> message(smtp::Visit& visit) override {
    const std::scoped_lock lock(mutex_);
    for (const std::string& address : visit.recipients) ++taken_[address];
    co_return smtp::Answer{};
  }
  [[nodiscard]] std::map<std::string, int> taken() const {
    const std::scoped_lock lock(mutex_);
    return taken_;
  }
  void forget() {
    const std::scoped_lock lock(mutex_);
    attempts_.clear();
    taken_.clear();
  }

 private:
  Decide decide_;
  mutable std::mutex mutex_;
  std::map<std::string, int> attempts_;  // guarded by mutex_
  std::map<std::string, int> taken_;     // guarded by mutex_
};

/// Contact n has the address reader-n@its site; contacts in `not_now` may not be mailed.
class NumberedMails final : public queue::MailSource {
 public:
  std::vector<base::ContactId> not_now;

  std::unique_ptr<queue::BatchMails> open(base::CampaignId, std::span<const base::ContactId>) override {
    return std::make_unique<Mails>(not_now);
  }

 private:
  class Mails final : public queue::BatchMails {
   public:
    explicit Mails(std::vector<base::ContactId> not_now) : not_now_(std::move(not_now)) {}
    bool mail(base::ContactId contact, queue::Mail& into, std::string& why) override {
      if (std::ranges::find(not_now_, contact) != not_now_.end()) {
        why = "unsubscribed";
        return false;
      }
      into.sender = "bounces@origin.test";
      into.recipient = "reader-" + std::to_string(contact.value) + "@site.test";
      into.content = "From: news@origin.test\r\nSubject: n\r\n\r\nhello\r\n";
      return true;
    }
    std::string_view domain(base::ContactId) override { return "site.test"; }

   private:
    std::vector<base::ContactId> not_now_;
  };
};

class OutcomeMemory final : public queue::OutcomeSink {
 public:
  void record(store::Connection&, std::span<const queue::Outcome> outcomes) override {
    const std::scoped_lock lock(mutex_);
    outcomes_.insert(outcomes_.end(), outcomes.begin(), outcomes.end());
  }
  [[nodiscard]] std::vector<queue::Outcome> all() const {
    const std::scoped_lock lock(mutex_);
    return outcomes_;
  }
  [[nodiscard]] int count(queue::Result result) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<int>(std::ranges::count(outcomes_, result, &queue::Outcome::result));
  }

 private:
  mutable std::mutex mutex_;
  std::vector<queue::Outcome> outcomes_;  // guarded by mutex_
};

/// Every site's targets, set by the test.
class FixedRouter final : public Router {
 public:
  std::map<std::string, Route> routes;
  net::Task<Route> route(std::string site) override {
    const auto found = routes.find(site);
    if (found != routes.end()) co_return found->second;
    Route nowhere;
    nowhere.problem = {.reason = bounce::Reason::host_unknown, .final = true, .text = "no such domain"};
    co_return nowhere;
  }
};

}  // namespace todoku::delivery
