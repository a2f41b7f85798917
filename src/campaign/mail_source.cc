#include "campaign/mail_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "audience/sendable.h"
#include "campaign/message_code.h"
#include "campaign/variant.h"
#include "mail/address.h"
#include "tracking/feedback_id.h"

namespace todoku::campaign {
namespace {

using tracking::Purpose;

/// Those of a batch who may be mailed now, and how to write to them.
class ContactMails final : public queue::BatchMails {
 public:
  ContactMails(const Campaign& campaign, const tracking::Tokens& tokens, CompiledMessage message,
               std::vector<audience::Contact> contacts, std::shared_ptr<const void> keeps)
      : campaign_(campaign),
        tokens_(tokens),
        downloads_(!message.code().options.downloads.empty()),
        writer_(std::move(message)),
        contacts_(std::move(contacts)),
        keeps_(std::move(keeps)) {}

  bool mail(base::ContactId id, queue::Mail& into, std::string& why) override {
    const audience::Contact* contact = find(id);
    if (contact == nullptr) {
      why = "not_sendable";
      return false;
    }
    const auto address = mail::parse_address(contact->address);
    if (!address) {
      why = "address_invalid";
      return false;
    }
    into.content.clear();
    const auto written = write(*contact, *address, into);
    if (!written) {
      why = written.error().text();
      return false;
    }
    into.smtputf8 = *written || address->smtputf8;
    into.eight_bit = *written;
    return true;
  }

  std::string_view domain(base::ContactId id) override {
    const audience::Contact* contact = find(id);
    return contact == nullptr ? std::string_view() : contact->domain;
  }

 private:
  const audience::Contact* find(base::ContactId id) const {
    const auto found = std::ranges::lower_bound(contacts_, id, {}, &audience::Contact::id);
    return found != contacts_.end() && found->id == id ? &*found : nullptr;
  }

  base::Result<bool> write(const audience::Contact& contact, const mail::Address& address, queue::Mail& into) {
    const MailIdentity identity = identity_of(campaign_, contact.id, tokens_);
    fields_.clear();
    for (const auto& [name, value] : contact.fields) fields_.push_back({name, value});
    into.sender = identity.return_path;
    into.recipient = address.smtp();
    into.date = campaign_.started_at.value_or(campaign_.created_at);
    return writer_.write({.address = address,
                          .name = contact.name,
                          .fields = fields_,
                          .message_id = identity.message_id,
                          .date = *into.date,
                          .unsubscribe_url = identity.unsubscribe_url,
                          .unsubscribe_mailto = identity.unsubscribe_mailto,
                          .trace = identity.message_id,
                          .downloads_url = downloads_url(contact.id)},
                         into.content);
  }

  std::string_view downloads_url(base::ContactId contact) {
    if (!downloads_) return {};
    downloads_url_ = fmt::format("{}/d/{}", campaign_.sender.public_url,
                                 tokens_.sign(tracking::Purpose::download, {campaign_.id, contact}));
    return downloads_url_;
  }

  const Campaign& campaign_;
  const tracking::Tokens& tokens_;
  const bool downloads_;
  MessageWriter writer_;
  std::string downloads_url_;
  std::vector<audience::Contact> contacts_;  // in order of id
  std::vector<FieldValue> fields_;
  std::shared_ptr<const void> keeps_;  // what campaign_ is part of lives as long as this
};

}  // namespace

namespace {

/// Gmail takes 5 to 15 characters for the sender: as many of the domain's last labels as that holds.
std::string_view sender_id(std::string_view domain) {
  constexpr std::size_t kMost = 15, kFewest = 5;
  std::string_view id = domain;
  while (id.size() > kMost && id.find('.') != id.npos) id.remove_prefix(id.find('.') + 1);
  return id.size() >= kFewest && id.size() <= kMost ? id
                                                    : domain.substr(domain.size() - std::min(kMost, domain.size()));
}

std::string feedback_id(const Campaign& campaign, std::string_view domain) {
  return tracking::feedback_id({campaign.id, campaign.list}, sender_id(domain));
}

}  // namespace

struct CampaignMails::Ready {
  Campaign campaign;
  CompiledMessage message;
};

base::Result<MessageOptions> message_options(const Campaign& campaign) {
  auto address = mail::parse_address(campaign.sender.address);
  if (!address) return std::move(address).error();
  MessageOptions options;
  options.from = {campaign.sender.name, *std::move(address)};
  options.reply_to = campaign.sender.reply_to;
  options.postal_address = campaign.sender.postal_address;
  options.contact = campaign.sender.contact;
  options.campaign_name = campaign.name;
  options.message_id_domain = options.from.address.ascii_domain;
  options.list_id = fmt::format("list{}.{}", campaign.list.value, options.from.address.ascii_domain);
  options.feedback_id = feedback_id(campaign, options.from.address.ascii_domain);
  return options;
}

base::Result<CompiledMessage> compile_message(const Campaign& campaign, const std::vector<TemplateFile>& files) {
  auto parsed = parse_template(files);
  if (!parsed) return std::move(parsed).error();
  auto options = message_options(campaign);
  if (!options) return std::move(options).error();
  return CompiledMessage::compile(*parsed, *options);
}

MailIdentity identity_of(const Campaign& campaign, base::ContactId contact, const tracking::Tokens& tokens) {
  const tracking::MailId mail{campaign.id, contact};
  const std::string& domain = campaign.sender.bounce_domain;
  const std::string unsubscribe = tokens.sign(Purpose::unsubscribe, mail);
  MailIdentity identity;
  identity.return_path = fmt::format("bounces+{}@{}", tokens.sign(Purpose::return_path, mail), domain);
  identity.message_id = tokens.sign(Purpose::message_id, mail);
  if (!campaign.sender.public_url.empty()) {
    identity.unsubscribe_url = fmt::format("{}/u/{}", campaign.sender.public_url, unsubscribe);
  }
  identity.unsubscribe_mailto = fmt::format("unsubscribe+{}@{}", unsubscribe, domain);
  return identity;
}

CampaignMails::CampaignMails(store::Store& store, tracking::Tokens tokens)
    : store_(store), tokens_(std::move(tokens)) {}
CampaignMails::~CampaignMails() = default;

std::shared_ptr<const CampaignMails::Ready> CampaignMails::ready(base::CampaignId id) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto found = ready_.find(id); found != ready_.end()) return found->second;
  }
  const store::Lease db = store_.read();
  const std::optional<Campaign> campaign = find(*db, id);
  if (!campaign) throw std::runtime_error(fmt::format("campaign {} is gone", id.value));
  auto message = compile_stored(*db, *campaign);
  if (!message) throw std::runtime_error(fmt::format("campaign {}: {}", id.value, message.error().text()));
  auto made = std::make_shared<const Ready>(Ready{*campaign, *std::move(message)});
  const std::scoped_lock lock(mutex_);
  return ready_.emplace(id, std::move(made)).first->second;
}

std::unique_ptr<queue::BatchMails> CampaignMails::open(base::CampaignId id, std::span<const base::ContactId> contacts) {
  auto ready = this->ready(id);
  std::vector<audience::Contact> sendable = audience::find_sendable(*store_.read(), contacts);
  const Ready& r = *ready;
  return std::make_unique<ContactMails>(r.campaign, tokens_, r.message, std::move(sendable), std::move(ready));
}

}  // namespace todoku::campaign
