#include "app/retest_mail.h"

#include <vector>

#include "campaign/mail_source.h"
#include "campaign/message.h"
#include "mail/address.h"

namespace todoku::app {
namespace {

constexpr std::string_view kSubject = "メールが届くかどうかの確認 / Checking whether our mail reaches you";
constexpr std::string_view kBody =
    R"({% if contact.name %}{{ contact.name }} 様

{% endif %}{{ sender.name | default: sender.address }} です。

以前お送りしたメールがこのアドレスに届かなかったため、配信を停止しています。
今は届くかどうかを確かめるために、このメールを1通だけお送りしています。
届いた場合は、ご登録いただいたメールの配信を再開します。何もしていただく
必要はありません。

配信を希望されない場合は、下の「配信停止」からお知らせください。

----------------------------------------------------------------

This is {{ sender.name | default: sender.address }}.

Mails that we sent to this address could not be delivered, so we stopped
sending. This single mail finds out whether the address works again. If it
arrives, the mails you signed up for go on; you need not do anything.

If you do not want them, unsubscribe by the link below.
)";

}  // namespace

base::Result<submission::NewSubmission> write_retest(const campaign::Campaign& campaign,
                                                     const audience::Contact& contact, const tracking::Tokens& tokens,
                                                     std::string_view name, base::Time now) {
  auto address = mail::parse_address(contact.address);
  if (!address) return std::move(address).error();
  const std::vector<campaign::TemplateFile> files = {{"subject.txt", std::string(kSubject)},
                                                     {"body.txt", std::string(kBody)}};
  auto message = campaign::compile_message(campaign, files);
  if (!message) return std::move(message).error();
  const campaign::MailIdentity identity = campaign::identity_of(campaign, contact.id, tokens);
  submission::NewSubmission mail{.key = 0,
                                 .sender = campaign.sender.address,
                                 .return_domain = campaign.sender.bounce_domain,
                                 .recipients = {},
                                 .mail = {},
                                 .priority = queue::Priority::test};
  const auto written = campaign::MessageWriter(*std::move(message))
                           .write({.address = *address,
                                   .name = contact.name,
                                   .fields = {},
                                   .message_id = name,
                                   .date = now,
                                   .unsubscribe_url = identity.unsubscribe_url,
                                   .unsubscribe_mailto = identity.unsubscribe_mailto,
                                   .trace = {}},
                                  mail.mail.content);
  if (!written) return written.error();
  mail.mail.smtputf8 = *written;
  mail.mail.eight_bit = *written;
  mail.mail.message_id = "<" + std::string(name) + "@" + campaign.sender.bounce_domain + ">";
  mail.recipients.push_back(*std::move(address));
  return mail;
}

}  // namespace todoku::app
