// For tests: a campaign to a few readers, and what becomes of its mails, without any network.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "audience/contact.h"
#include "audience/list.h"
#include "audience/stop_policy.h"
#include "campaign/campaign.h"
#include "queue/outcomes.h"
#include "queue/queue.h"
#include "store/test_store.h"

namespace todoku::remedy {

class CampaignStoreTest : public store::StoreTest {
 protected:
  /// Adds the readers to a list and starts a campaign to it.
  campaign::Campaign begin(const std::vector<std::string>& addresses) {
    store().write_now([&](store::Connection& db) {
      const auto list = audience::make_list(db, "all", now_);
      for (const auto& address : addresses) {
        const auto id =
            audience::add_contact(db, {.address = address, .name = "", .fields = {}, .consent = "form"}, now_).value();
        audience::add_member(db, list, id);
        readers_[address] = id;
      }
      const campaign::SenderIdentity sender{.name = "",
                                            .address = "news@example.jp",
                                            .reply_to = "",
                                            .postal_address = "",
                                            .contact = "",
                                            .bounce_domain = "example.jp",
                                            .public_url = ""};
      campaign_ =
          campaign::create(db, {.name = "autumn", .list = list, .sender = sender, .files = files_}, now_).value();
      if (!campaign::start(db, *campaign::find(db, campaign_), now_)) throw std::logic_error("cannot start");
    });
    return found();
  }
  campaign::Campaign found() { return *campaign::find(*store().read(), campaign_); }
  base::ContactId reader(const std::string& address) const { return readers_.at(address); }

  /// Sends all that waits: who is not in `failing` gets it. The addresses that it was sent to.
  std::vector<std::string> send(const std::map<std::string, std::string>& failing,
                                queue::Result result = queue::Result::failed) {
    std::vector<std::string> sent;
    now_ += std::chrono::minutes(1);
    store().write_now([&](store::Connection& db) {
      sent.clear();
      for (const auto& batch : queue::claim(db, claim())) {
        queue::append(db, outcomes(db, batch, failing, result, sent));
        queue::finish(db, batch, {}, now_);
      }
      campaign::finish_if_done(db, campaign_, now_);
    });
    return sent;
  }

  [[nodiscard]] queue::Claim claim() const {
    queue::Claim all;
    all.owner = "test";
    all.now = now_;
    all.max_batches = 100;
    return all;
  }

  base::Time now_ = base::from_stored(1'700'000'000'000);
  base::CampaignId campaign_;
  std::vector<campaign::TemplateFile> files_{{"subject.txt", "s"}, {"body.txt", "b"}};
  std::map<std::string, std::string> words_;  // what servers say, by address

 private:
  std::vector<queue::Outcome> outcomes(store::Connection& db, const queue::Batch& batch,
                                       const std::map<std::string, std::string>& failing, queue::Result result,
                                       std::vector<std::string>& sent) const {
    std::vector<queue::Outcome> all;
    for (const auto& contact : audience::find_contacts(db, batch.contacts)) {
      const auto failed = failing.find(contact.address);
      sent.push_back(contact.address);
      all.push_back({.campaign = batch.campaign,
                     .contact = contact.id,
                     .batch = batch.id,
                     .result = failed == failing.end() ? queue::Result::delivered : result,
                     .attempt = batch.attempt,
                     .at = now_,
                     .reason = failed == failing.end() ? "" : failed->second,
                     .site = batch.site,
                     .remote = "",
                     .stage = "",
                     .status = "",
                     .text = words_.contains(contact.address) ? words_.at(contact.address) : std::string()});
    }
    return all;
  }

  std::map<std::string, base::ContactId> readers_;
};

}  // namespace todoku::remedy
