#include "app/signing_check.h"

#include <fmt/format.h>

#include "app/command.h"
#include "app/dkim_lookup.h"
#include "app/phrase.h"
#include "campaign/message_code.h"
#include "campaign/variant.h"
#include "mail/address.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::DkimKeyEntry;
using authentication::DkimKeyState;

constexpr base::Duration kLimit{3000};

constexpr Phrase kUnsigned = {
    "注意: {0} には DKIM の鍵がないため、署名なしで送ります。Gmail などは署名のないメールを拒否したり迷惑メールに"
    "入れたりします。`todoku dkim generate {0}` で鍵を作れます。\n",
    "Warning: there is no DKIM key for {0}, so these mails go unsigned; Gmail and others refuse such mail or take it "
    "for "
    "spam. `todoku dkim generate {0}` makes a key.\n"};
constexpr Phrase kUnpublished = {
    "注意: {0} の DKIM 鍵 {1} の DNS レコードが確認できません({2})。このままでは受信側で署名を検証できません。"
    "`todoku dkim check {0}` で登録内容を確認してください。\n",
    "Warning: the DNS record of {0}'s DKIM key {1} cannot be seen ({2}); receivers cannot verify the signature. "
    "`todoku dkim check {0}` tells what to do.\n"};

/// The domain of the From field, which the template may set itself.
std::string from_domain(Context& context, const campaign::Campaign& campaign) {
  const auto message = campaign::compile_stored(*context.store().read(), campaign);
  const auto address = mail::parse_address(message ? message->code().sender_address : campaign.sender.address);
  return address ? address->ascii_domain : std::string();
}

}  // namespace

void check_signing(Context& context, const campaign::Campaign& campaign) {
  const std::string domain = from_domain(context, campaign);
  const auto active = authentication::signing_keys(*context.store().read(), domain);
  if (active.empty()) {
    fmt::print(stderr, fmt::runtime(kUnsigned.in(context.lang())), domain);
    return;
  }
  auto keys = authentication::dkim_keys(*context.store().read(), active.front().domain);
  std::erase_if(keys, [](const DkimKeyEntry& key) { return key.state == DkimKeyState::retired; });
  auto lookups = look_up_dkim(context, std::move(keys), kLimit);
  if (!lookups) return context.fail(lookups.error());
  activate_published(context, *lookups);
  for (const DkimLookup& lookup : *lookups) {
    if (lookup.key.state != DkimKeyState::active || lookup.published == Published::yes) continue;
    fmt::print(stderr, fmt::runtime(kUnpublished.in(context.lang())), lookup.key.domain, lookup.key.selector,
               to_string(lookup.published));
  }
}

}  // namespace todoku::app
