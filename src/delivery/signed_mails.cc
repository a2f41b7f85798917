#include "delivery/signed_mails.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/ascii.h"
#include "base/log.h"

namespace todoku::delivery {
namespace {

using Domains = std::vector<SigningDomain>;

const SigningDomain* nearest(const Domains& domains, std::string_view domain) {
  while (!domain.empty()) {
    const auto found =
        std::ranges::find_if(domains, [domain](const SigningDomain& one) { return base::iequals(one.domain, domain); });
    if (found != domains.end()) return &*found;
    domain.remove_prefix(std::min(domain.find('.'), domain.size() - 1) + 1);
  }
  return nullptr;
}

/// The signers of one From domain: each serves one mail at a time, and knows the mails it has seen.
class Signers {
 public:
  explicit Signers(authentication::DkimSignerOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::unique_ptr<authentication::DkimSigner> take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        auto signer = std::move(idle_.back());
        idle_.pop_back();
        return signer;
      }
    }
    return std::make_unique<authentication::DkimSigner>(options_);
  }

  void put_back(std::unique_ptr<authentication::DkimSigner> signer) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(signer));
  }

 private:
  authentication::DkimSignerOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<authentication::DkimSigner>> idle_;
};

class SignedBatch final : public queue::BatchMails {
 public:
  SignedBatch(std::unique_ptr<queue::BatchMails> mails, std::shared_ptr<const Domains> domains)
      : mails_(std::move(mails)), domains_(std::move(domains)) {}

  bool mail(base::ContactId contact, queue::Mail& into, std::string& why) override {
    return mails_->mail(contact, into, why);
  }

  bool unfinished(const queue::Mail& mail) override { return signers_for(from_domain(mail.content)) != nullptr; }

  void finish(queue::Mail& mail) override {
    Signers* signers = signers_for(from_domain(mail.content));
    if (signers == nullptr) return;
    auto signer = signers->take();
    std::string field;
    if (const auto done = signer->sign(mail.content, mail.date, field); !done) {
      base::log::warning("unsigned", {{"recipient", mail.recipient}, {"cause", done.error().text()}});
    }
    mail.content.insert(0, field);
    signers->put_back(std::move(signer));
  }

  std::string_view domain(base::ContactId contact) override { return mails_->domain(contact); }

 private:
  /// Null: nobody signs for this domain.
  Signers* signers_for(std::string_view domain) {
    const std::scoped_lock lock(mutex_);
    const auto found = signers_.find(domain);
    if (found != signers_.end()) return found->second.get();
    std::unique_ptr<Signers> made;
    if (const SigningDomain* by = nearest(*domains_, domain)) {
      made = std::make_unique<Signers>(
          authentication::DkimSignerOptions{by->domain, by->keys, /*identity=*/"", /*valid_for=*/std::nullopt});
    }
    return signers_.emplace(domain, std::move(made)).first->second.get();
  }

  std::unique_ptr<queue::BatchMails> mails_;
  std::shared_ptr<const Domains> domains_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Signers>, std::less<>> signers_;  // by the From domain; guarded by mutex_
};

}  // namespace

SignedMails::SignedMails(queue::MailSource& mails, std::vector<SigningDomain> domains)
    : mails_(mails), domains_(std::make_shared<const Domains>(std::move(domains))) {}

std::unique_ptr<queue::BatchMails> SignedMails::open(base::CampaignId campaign,
                                                     std::span<const base::ContactId> contacts) {
  auto mails = mails_.open(campaign, contacts);
  if (domains_->empty()) return mails;
  return std::make_unique<SignedBatch>(std::move(mails), domains_);
}

std::string_view from_domain(std::string_view mail) {
  const std::string_view header = mail.substr(0, mail.find("\r\n\r\n"));
  std::size_t at = header.starts_with("From: ") ? 0 : header.find("\r\nFrom: ");
  if (at == header.npos) return {};
  std::size_t end = header.find("\r\n", at + 2);
  while (end < header.size() && end + 2 < header.size() && base::ascii_blank(header[end + 2])) {
    end = header.find("\r\n", end + 2);
  }
  std::string_view field = base::trim(header.substr(at, std::min(end, header.size()) - at));
  if (field.ends_with('>')) field.remove_suffix(1);
  at = field.rfind('@');
  return at == field.npos ? std::string_view() : field.substr(at + 1);
}

}  // namespace todoku::delivery
