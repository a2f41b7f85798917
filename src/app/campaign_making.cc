#include "app/campaign_making.h"

#include <fmt/format.h>

#include "app/command.h"
#include "app/phrase.h"
#include "audience/list.h"
#include "audience/sendable.h"
#include "base/clock.h"
#include "campaign/attach_files.h"
#include "campaign/campaign.h"
#include "campaign/mail_source.h"
#include "campaign/template.h"
#include "mail/address.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr Phrase kMade = {"配信 {}「{}」を作りました。送信対象 {} 人(アドレス帳「{}」の {} 人のうち)。\n",
                          "Campaign {} \"{}\" is made; it reaches {} readers (list \"{}\" has {} in all).\n"};
constexpr Phrase kRemark = {"注意: {}\n", "Note: {}\n"};

constexpr std::int64_t kSample = 100;   // readers on whom a template is tried out
constexpr std::size_t kTokenSize = 26;  // about as long as those of the mails to come

const std::string& first_given(const std::string& a, const std::string& b) { return a.empty() ? b : a; }

Error missing(std::string_view what, std::string_view option, std::string_view key) {
  return Error{ErrorCode::invalid, fmt::format("the legal footer lacks {}", what),
               fmt::format("give {}, or set {}; the law wants it in every advertising mail", option, key), ""};
}

Result<campaign::SenderIdentity> identity_of(Context& context, const CampaignWanted& wanted) {
  const Config& config = context.config();
  campaign::SenderIdentity sender;
  const auto from = mail::parse_mailbox(wanted.from);
  if (!from) return Error{from.error().code, from.error().message, from.error().hint, "--from, " + from.error().where};
  sender.name = from->name;
  sender.address = from->address.display();
  if (!wanted.reply_to.empty()) {
    const auto reply_to = mail::parse_mailbox(wanted.reply_to);
    if (!reply_to) {
      return Error{reply_to.error().code, reply_to.error().message, reply_to.error().hint,
                   "--reply-to, " + reply_to.error().where};
    }
    sender.reply_to = wanted.reply_to;
  }
  sender.postal_address = first_given(wanted.postal_address, config.text("legal.postal_address"));
  sender.contact = first_given(wanted.contact, config.text("legal.contact"));
  if (sender.postal_address.empty()) return missing("a postal address", "--postal-address", "legal.postal_address");
  if (sender.contact.empty()) return missing("where complaints go", "--contact", "legal.contact");
  sender.bounce_domain = first_given(config.text("identity.bounce_domain"), from->address.ascii_domain);
  sender.public_url = config.text("identity.public_url");
  while (sender.public_url.ends_with('/')) sender.public_url.pop_back();
  return sender;
}

/// Names of the fields that these readers have.
std::vector<std::string> field_names(const std::vector<audience::Contact>& readers) {
  std::vector<std::string> names;
  for (const audience::Contact& contact : readers) {
    for (const auto& [name, value] : contact.fields) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

Result<base::CampaignId> store_campaign(Context& context, const CampaignWanted& wanted, base::ListId list,
                                        const campaign::SenderIdentity& sender,
                                        const std::vector<campaign::TemplateFile>& files) {
  Result<base::CampaignId> made = base::CampaignId{};
  context.store().write_now([&](store::Connection& db) {
    made = campaign::create(db, {.name = wanted.name, .list = list, .sender = sender, .files = files},
                            base::SystemClock().now());
  });
  return made;
}

void report(Context& context, const CampaignWanted& wanted, base::ListId list, base::CampaignId id) {
  const store::Lease db = context.store().read();
  fmt::print(fmt::runtime(kMade.in(context.lang())), id.value, wanted.name,
             grouped(audience::count_sendable(*db, list)), wanted.list,
             grouped(audience::count_members(*db, list).all()));
}

/// Writes the mail for each of the readers: limits of the merge language, such as those of loops, show only then, and
/// those of header fields.
Result<void> try_out(const campaign::CompiledMessage& message, const campaign::SenderIdentity& sender,
                     const std::vector<audience::Contact>& readers) {
  const std::string token(kTokenSize, 'a');
  const std::string url = sender.public_url.empty() ? "" : sender.public_url + "/u/" + token;
  const std::string mailto = "unsubscribe+" + token + "@" + sender.bounce_domain;
  campaign::MessageWriter writer(message);
  std::string content;
  for (const audience::Contact& reader : readers) {
    const auto address = mail::parse_address(reader.address);
    if (!address) continue;  // the import's matter
    std::vector<campaign::FieldValue> fields;
    for (const auto& [name, value] : reader.fields) fields.push_back({name, value});
    content.clear();
    const auto written = writer.write({.address = *address,
                                       .name = reader.name,
                                       .fields = fields,
                                       .message_id = token,
                                       .date = base::SystemClock().now(),
                                       .unsubscribe_url = url,
                                       .unsubscribe_mailto = mailto,
                                       .trace = ""},
                                      content);
    if (!written) return written.error();
  }
  return base::done;
}

/// Whether the template can be written for the readers; its oddities are printed.
Result<void> check_template(Context& context, const campaign::Campaign& draft,
                            const std::vector<campaign::TemplateFile>& files,
                            const std::vector<audience::Contact>& readers) {
  const auto compiled = campaign::compile_message(draft, files);
  if (!compiled) return compiled.error();
  if (auto tried = try_out(*compiled, draft.sender, readers); !tried) return tried;
  const auto parsed = campaign::parse_template(files);
  for (const campaign::Remark& remark : campaign::unknown_names(*parsed, field_names(readers))) {
    fmt::print(fmt::runtime(kRemark.in(context.lang())),
               Error{ErrorCode::invalid, remark.message, remark.hint, remark.where}.text());
  }
  return base::done;
}

}  // namespace

void make_campaign(Context& context, const CampaignWanted& wanted) {
  const std::vector<std::filesystem::path> attachments(wanted.attachments.begin(), wanted.attachments.end());
  auto files = campaign::read_template(wanted.path);
  if (!files) return context.fail(files.error());
  if (auto attached = campaign::attach_files(*files, attachments); !attached) return context.fail(attached.error());
  const auto sender = identity_of(context, wanted);
  if (!sender) return context.fail(sender.error());
  const auto list = audience::find_list(*context.store().read(), wanted.list);
  if (!list) {
    return context.fail({ErrorCode::not_found, fmt::format("there is no list '{}'", wanted.list),
                         "`todoku contacts import` makes one", ""});
  }
  campaign::Campaign draft;
  draft.name = wanted.name;
  draft.list = *list;
  draft.sender = *sender;
  const auto sample = audience::members(*context.store().read(), *list, {}, kSample);
  if (const auto checked = check_template(context, draft, *files, sample); !checked) {
    return context.fail(checked.error());
  }
  const auto made = store_campaign(context, wanted, *list, *sender, *files);
  if (!made) return context.fail(made.error());
  report(context, wanted, *list, *made);
}

}  // namespace todoku::app
