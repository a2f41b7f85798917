#include "delivery/signed_mails.h"

#include <algorithm>
#include <mutex>

#include "base/ascii.h"
#include "base/log.h"

namespace todoku::delivery {
namespace {

/// The signers of one domain: each serves one mail at a time, and knows the mails it has seen.
class Signers {
 public:
  explicit Signers(SigningDomain by)
      : options_{std::move(by.domain), std::move(by.keys), /*identity=*/"", /*valid_for=*/std::nullopt} {}

  [[nodiscard]] const std::string& domain() const { return options_.domain; }

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
  const authentication::DkimSignerOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<authentication::DkimSigner>> idle_;  // guarded by mutex_
};

}  // namespace

class SignedMails::Signing {
 public:
  explicit Signing(std::vector<SigningDomain> domains) {
    for (SigningDomain& domain : domains) signers_.push_back(std::make_unique<Signers>(std::move(domain)));
  }

  /// Of the nearest domain that has keys; null: nobody signs for this one.
  [[nodiscard]] Signers* signers_for(std::string_view domain) const {
    while (!domain.empty()) {
      const auto found = std::ranges::find_if(
          signers_, [domain](const auto& signers) { return base::iequals(signers->domain(), domain); });
      if (found != signers_.end()) return found->get();
      domain.remove_prefix(std::min(domain.find('.'), domain.size() - 1) + 1);
    }
    return nullptr;
  }

 private:
  std::vector<std::unique_ptr<Signers>> signers_;
};

namespace {

class SignedBatch final : public queue::BatchMails {
 public:
  SignedBatch(std::unique_ptr<queue::BatchMails> mails, std::shared_ptr<SignedMails::Signing> signing)
      : mails_(std::move(mails)), signing_(std::move(signing)) {}

  bool mail(base::ContactId contact, queue::Mail& into, std::string& why) override {
    return mails_->mail(contact, into, why);
  }

  bool unfinished(const queue::Mail& mail) override {
    return signing_->signers_for(from_domain(mail.content)) != nullptr;
  }

  void finish(queue::Mail& mail) override {
    Signers* signers = signing_->signers_for(from_domain(mail.content));
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
  std::unique_ptr<queue::BatchMails> mails_;
  std::shared_ptr<SignedMails::Signing> signing_;  // shared with the source and its other batches
};

}  // namespace

SignedMails::SignedMails(queue::MailSource& mails, std::vector<SigningDomain> domains)
    : mails_(mails), signing_(domains.empty() ? nullptr : std::make_shared<Signing>(std::move(domains))) {}

SignedMails::~SignedMails() = default;

std::unique_ptr<queue::BatchMails> SignedMails::open(base::CampaignId campaign,
                                                     std::span<const base::ContactId> contacts) {
  auto mails = mails_.open(campaign, contacts);
  if (!signing_) return mails;
  return std::make_unique<SignedBatch>(std::move(mails), signing_);
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
