#include "app/serve/unsubscribe_pages.h"

#include <fmt/format.h>

#include "app/phrase.h"
#include "app/serve/reader_page.h"
#include "audience/contact.h"
#include "base/log.h"
#include "mail/html_escape.h"

namespace todoku::app {
namespace {

using bounce::Language;

constexpr std::chrono::seconds kReload{10};  // at most so often for tokens that do not verify

constexpr Phrase kTitle = {"配信停止", "Unsubscribe"};
constexpr Phrase kAsk = {"{} への配信を停止しますか?", "Stop sending mail to {}?"};
constexpr Phrase kButton = {"配信を停止する", "Unsubscribe"};
constexpr Phrase kDone = {"配信を停止しました。今後はお送りしません。",
                          "You are unsubscribed. We will not send you any more of these mails."};
constexpr Phrase kAlready = {"{} への配信はすでに停止しています。", "Mail to {} has been stopped already."};
constexpr Phrase kInvalid = {"このリンクは無効です。メールに記載のリンクが途中で切れていないかご確認ください。",
                             "This link is not valid. Please check that the link was copied as a whole."};

http::Response page(int status, Language language, std::string_view text) {
  return reader_page(status, language, kTitle.in(language), text);
}

std::string paragraph(std::string_view text) { return fmt::format("<p>{}</p>", text); }

http::Response invalid(Language language) { return page(404, language, paragraph(kInvalid.in(language))); }

}  // namespace

bool is_one_click(std::string_view body) {
  if (body.find("List-Unsubscribe=One-Click") != std::string_view::npos) return true;
  return body.find("name=\"List-Unsubscribe\"") != std::string_view::npos &&
         body.find("One-Click") != std::string_view::npos;
}

std::string masked(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return "•••••";
  // The first character whole, however many bytes it has.
  std::size_t first = 1;
  while (first < at && (static_cast<unsigned char>(address[first]) & 0xC0U) == 0x80U) ++first;
  return fmt::format("{}•••••{}", address.substr(0, first), address.substr(at));
}

UnsubscribePages::UnsubscribePages(store::Store& store, net::Runtime& runtime, const base::Clock& clock)
    : store_(store), runtime_(runtime), clock_(clock) {}

void UnsubscribePages::add_to(http::Router& router) {
  router.add(http::Method::get, "/u/{token}", [this](http::Request& request) { return show(request); });
  router.add(http::Method::post, "/u/{token}", [this](http::Request& request) { return unsubscribe(request); });
}

net::Task<http::Response> UnsubscribePages::show(http::Request& request) {
  const Language language = reader_language(request);
  const auto contact = co_await net::offload(runtime_, [this, &request]() -> std::optional<audience::Contact> {
    const auto mail = mail_of(request);
    return mail ? audience::find_contact(*store_.read(), mail->contact) : std::nullopt;
  });
  if (!contact) co_return invalid(language);
  std::string address;
  mail::append_html_escaped(address, masked(contact->address));
  if (contact->state == audience::State::unsubscribed || contact->state == audience::State::suppressed) {
    co_return page(200, language, paragraph(fmt::format(fmt::runtime(kAlready.in(language)), address)));
  }
  co_return page(200, language,
                 fmt::format("{}<form method=\"post\"><button type=\"submit\">{}</button></form>",
                             paragraph(fmt::format(fmt::runtime(kAsk.in(language)), address)), kButton.in(language)));
}

net::Task<http::Response> UnsubscribePages::unsubscribe(http::Request& request) {
  const Language language = reader_language(request);
  const bool valid = co_await net::offload(runtime_, [this, &request] {
    const auto mail = mail_of(request);
    if (!mail) return false;
    const bool one_click = is_one_click(request.body);
    refuse(
        {mail->contact, mail->campaign, one_click ? audience::RefusalCause::one_click : audience::RefusalCause::page});
    return true;
  });
  // The same for a contact that is gone by now: nothing is sent to them either.
  co_return valid ? page(200, language, paragraph(kDone.in(language))) : invalid(language);
}

void UnsubscribePages::refuse(const audience::Refusal& refusal) {
  bool changed = false;
  store_.write_now([&](store::Connection& db) { changed = audience::refuse_mail(db, refusal, clock_.now()); });
  if (!changed) return;
  base::log::info("unsubscribed", {{"contact", refusal.contact.value},
                                   {"campaign", refusal.campaign.value},
                                   {"cause", audience::to_string(refusal.cause)}});
}

/// A token that does not verify may have been signed by a key that is newer than those we know.
std::optional<tracking::MailId> UnsubscribePages::mail_of(const http::Request& request) {
  const std::string_view token = request.route.find("token").value_or("");
  const auto mail = tokens(false)->verify(tracking::Purpose::unsubscribe, token);
  return mail ? mail : tokens(true)->verify(tracking::Purpose::unsubscribe, token);
}

std::shared_ptr<const tracking::Tokens> UnsubscribePages::tokens(bool anew) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (!tokens_ || (anew && now - loaded_ > kReload)) {
    tokens_ = std::make_shared<const tracking::Tokens>(tracking::load_tokens(store_, clock_.now()));
    loaded_ = now;
  }
  return tokens_;
}

}  // namespace todoku::app
