#include "app/serve/download_pages.h"

#include <fmt/format.h>

#include <charconv>

#include "app/phrase.h"
#include "app/serve/reader_page.h"
#include "base/log.h"
#include "mail/header.h"
#include "mail/mime_layout.h"
#include "net/client_counts.h"

namespace todoku::app {
namespace {

using bounce::Language;

constexpr std::chrono::seconds kReload{10};  // at most so often for tokens that do not verify
constexpr net::Rate kOneLink{.per_minute = 4, .burst = 6};

constexpr Phrase kTitle = {"添付ファイル", "Attachment"};
constexpr Phrase kInvalid = {"このリンクは無効です。メールに記載のリンクが途中で切れていないかご確認ください。",
                             "This link is not valid. Please check that the link was copied as a whole."};
constexpr Phrase kExpired = {"ダウンロード期限が過ぎています。必要な場合は、送信者にご連絡ください。",
                             "The time for downloading is over. Please ask the sender if you still need the file."};
constexpr Phrase kTooMany = {"アクセスが集中しています。1分ほどおいてからもう一度お試しください。",
                             "Too many requests. Please try again in a minute."};

http::Response notice(int status, Language language, const Phrase& text) {
  return reader_page(status, language, kTitle.in(language), fmt::format("<p>{}</p>", text.in(language)));
}

http::Response too_many(Language language) {
  http::Response response = notice(429, language, kTooMany);
  response.fields.add("Retry-After", "60");
  return response;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc{} && end == text.data() + text.size() ? number : 0;
}

/// What browsers would run if it came from our own site stays a mere file even where nosniff is ignored.
std::string_view type_of(std::string_view name) {
  const std::string_view type = mail::content_type_of(name);
  const bool runs = type.starts_with("text/html") || type.starts_with("image/svg");
  return runs ? "application/octet-stream" : type;
}

http::Response file_response(campaign::Download download) {
  http::Response response;
  const std::string name = mail::header_text(download.name, 200);
  response.fields.add("Content-Type", type_of(name));
  response.fields.add("Content-Disposition", "attachment; " + mail::parameter("filename", name));
  response.fields.add("X-Content-Type-Options", "nosniff");
  response.fields.add("X-Robots-Tag", "noindex");
  response.body = std::move(download.content);
  return response;
}

}  // namespace

DownloadPages::DownloadPages(store::Store& store, net::Runtime& runtime, const base::Clock& clock, double per_client)
    : store_(store),
      runtime_(runtime),
      clock_(clock),
      tokens_([&store, &clock] { return tracking::load_tokens(store, clock.now()); }, kReload),
      clients_({.per_minute = per_client}),
      links_(kOneLink) {}

void DownloadPages::add_to(http::Router& router) {
  router.add(http::Method::get, "/d/{token}/{number}", [this](http::Request& request) { return answer(request); });
}

net::Task<http::Response> DownloadPages::answer(http::Request& request) {
  if (!clients_.take(net::client_of(request.peer), std::chrono::steady_clock::now())) {
    co_return too_many(reader_language(request));
  }
  co_return co_await net::offload(runtime_, [this, &request] { return look(request); });
}

http::Response DownloadPages::look(const http::Request& request) {
  const Language language = reader_language(request);
  const auto mail = mail_of(request.route.find("token").value_or(""));
  if (!mail) return notice(404, language, kInvalid);
  const std::string link = fmt::format("{}/{}", mail->campaign.value, mail->contact.value);
  if (!links_.take(link, std::chrono::steady_clock::now())) return too_many(language);
  const std::int64_t number = number_of(request.route.find("number").value_or(""));
  auto download = campaign::download_of(*store_.read(), mail->campaign, number);
  if (!download) return notice(404, language, kInvalid);
  if (download->expires_at <= clock_.now()) return notice(410, language, kExpired);
  base::log::info("downloaded", {{"campaign", mail->campaign.value},
                                 {"contact", mail->contact.value},
                                 {"number", number},
                                 {"bytes", download->content.size()}});
  return file_response(*std::move(download));
}

/// A token that does not verify may have been signed by a key that is newer than those we know.
std::optional<tracking::MailId> DownloadPages::mail_of(std::string_view token) {
  const auto mail = tokens_.known()->verify(tracking::Purpose::download, token);
  return mail || !tokens_.stale() ? mail : tokens_.newest()->verify(tracking::Purpose::download, token);
}

}  // namespace todoku::app
