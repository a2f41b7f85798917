#include "delivery/signed_mails.h"

#include <algorithm>
#include <map>

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

class SignedBatch final : public queue::BatchMails {
 public:
  SignedBatch(std::unique_ptr<queue::BatchMails> mails, std::shared_ptr<const Domains> domains)
      : mails_(std::move(mails)), domains_(std::move(domains)) {}

  bool mail(base::ContactId contact, queue::Mail& into, std::string& why) override {
    if (!mails_->mail(contact, into, why)) return false;
    authentication::DkimSigner* signer = signer_for(from_domain(into.content));
    if (signer == nullptr) return true;
    field_.clear();
    if (const auto done = signer->sign(into.content, into.date, field_); !done) {
      base::log::warning("unsigned", {{"contact", contact.value}, {"cause", done.error().text()}});
    }
    into.content.insert(0, field_);
    return true;
  }

  std::string_view domain(base::ContactId contact) override { return mails_->domain(contact); }

 private:
  /// Null: nobody signs for this domain.
  authentication::DkimSigner* signer_for(std::string_view domain) {
    const auto found = signers_.find(domain);
    if (found != signers_.end()) return found->second.get();
    std::unique_ptr<authentication::DkimSigner> made;
    if (const SigningDomain* by = nearest(*domains_, domain)) {
      made = std::make_unique<authentication::DkimSigner>(
          authentication::DkimSignerOptions{by->domain, by->keys, /*identity=*/"", /*valid_for=*/std::nullopt});
    }
    return signers_.emplace(domain, std::move(made)).first->second.get();
  }

  std::unique_ptr<queue::BatchMails> mails_;
  std::shared_ptr<const Domains> domains_;
  std::map<std::string, std::unique_ptr<authentication::DkimSigner>, std::less<>> signers_;  // by the From domain
  std::string field_;
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
