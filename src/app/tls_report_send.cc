#include "app/tls_report_send.h"

#include <algorithm>
#include <array>

#include "app/config.h"
#include "app/delivery_settings.h"
#include "app/dkim_keyring.h"
#include "app/transport_wiring.h"
#include "authentication/dkim_signer.h"
#include "base/gzip.h"
#include "delivery/options.h"
#include "delivery/route.h"
#include "dns/resolver.h"
#include "mail/address.h"
#include "net/https_client.h"
#include "net/runtime.h"
#include "net/tls.h"
#include "smtp/client_session.h"
#include "store/store.h"

namespace todoku::app {
namespace {

using authentication::ReportEntry;
using authentication::ReportState;
using authentication::TlsReport;
using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::int64_t kDaysToTry = 3;
constexpr base::Duration kPostLimit{30'000};
constexpr const char* kMediaType = "application/tlsrpt+gzip";

/// The mail with a signature in front where the sender's domain, or one above it, has keys.
std::string with_signature(const std::vector<delivery::SigningDomain>& domains, std::string mail,
                           const std::string& from_domain) {
  for (const delivery::SigningDomain& signing : domains) {
    if (from_domain != signing.domain && !from_domain.ends_with('.' + signing.domain)) continue;
    authentication::DkimSigner signer(
        {.domain = signing.domain, .keys = signing.keys, .identity = "", .valid_for = {}});
    std::string field;
    if (signer.sign(mail, std::nullopt, field)) return field + mail;
  }
  return mail;
}

net::Task<Result<void>> deliver(smtp::Target target, smtp::SessionOptions options, smtp::Envelope mail) {
  const std::string host = target.host;
  auto opened = co_await smtp::ClientSession::open(std::move(target), std::move(options));
  if (!opened) co_return Error{ErrorCode::unavailable, opened.failure.text(), "", host};
  const smtp::SendOutcome sent = co_await opened.session->send(mail);
  if (opened.session->usable()) co_await opened.session->quit();
  if (sent.accepted()) co_return base::done;
  co_return Error{ErrorCode::refused, sent.text(), "", host};
}

}  // namespace

class TlsReportSender::Impl {
 public:
  Impl(const Config& config, store::Store& store) : store_(store), https_(https_options(config)) {}
  ~Impl() { runtime_.close(base::Duration{0}); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> prepare(const Config& config, const std::filesystem::path& data) {
    auto from = mail::parse_address(config.text("tls_report.from"));
    if (!from) {
      return Error{ErrorCode::invalid, "reports need an address to come from", "set tls_report.from",
                   "tls_report.from"};
    }
    from_ = *std::move(from);
    organisation_ = config.text("tls_report.organisation");
    contact_ = config.text("tls_report.contact");
    auto signing = load_signing_domains(store_, data);
    if (!signing) return std::move(signing).error();
    signing_ = *std::move(signing);
    auto resolver = dns::make_resolver(runtime_, resolver_options(config));
    if (!resolver) return std::move(resolver).error();
    resolver_ = *std::move(resolver);
    auto tls = tls_context(config);
    if (!tls) return std::move(tls).error();
    tls_ = *std::move(tls);
    auto options = delivery_options(config, *tls_);
    if (!options) return std::move(options).error();
    session_ = options->session;
    if (!config.text("smarthost.host").empty()) {
      router_ = delivery::route_by_smart_host(*resolver_, config.text("smarthost.host"),
                                              static_cast<std::uint16_t>(config.integer("smarthost.port")));
      return base::done;
    }
    if (session_.client.tls == smtp::TlsMode::required) session_.client.tls = smtp::TlsMode::opportunistic;
    router_ = delivery::route_by_mx(*resolver_, static_cast<std::uint16_t>(config.integer("smtp.port")));
    return base::done;
  }

  TlsReport report_of(const ReportEntry& entry) const {
    const std::string from = from_.smtp();
    return {.organisation = organisation_.empty() ? from_.ascii_domain : organisation_,
            .contact = contact_.empty() ? from : contact_,
            .submitter = from_.ascii_domain,
            .domain = entry.domain,
            .day = entry.day,
            .policies = authentication::tls_results_of(*store_.read(), entry.day, entry.domain)};
  }

  void cancel() { runtime_.close(base::Duration{0}); }

  ReportEntry send(ReportEntry entry, base::Time now) {
    entry.tried_at = now;
    ++entry.tries;
    const auto records = net::run(runtime_, resolver_->txt(authentication::tls_report_record_name(entry.domain)));
    const auto uris = authentication::tls_report_uris(records.records);
    if (!dns::temporary(records.status) && uris.empty()) {
      entry.state = ReportState::unwanted;
      return entry;
    }
    if (dns::temporary(records.status)) entry.detail = dns::to_string(records.status);
    const TlsReport report = report_of(entry);
    const auto note = [&entry](const std::string& where, const Result<void>& tried) {
      if (tried || entry.state != ReportState::sent) entry.detail = tried ? where : where + ": " + tried.error().text();
      if (tried) entry.state = ReportState::sent;
    };
    for (const std::string& address : uris.mail) note("mailto:" + address, by_mail(report, address, now));
    for (const std::string& url : uris.https) note(url, by_post(report, url));
    if (entry.state != ReportState::sent && authentication::day_of(now) >= entry.day + kDaysToTry) {
      entry.state = ReportState::failed;
    }
    return entry;
  }

 private:
  Result<void> by_mail(const TlsReport& report, const std::string& typed, base::Time now) {
    auto to = mail::parse_address(typed);
    if (!to) return std::move(to).error();
    const std::string from = from_.smtp();
    const std::string recipient = to->smtp();
    const std::string content =
        with_signature(signing_, authentication::report_mail(report, from, recipient, now), from_.ascii_domain);
    const std::array<std::string_view, 1> recipients = {recipient};
    const smtp::Envelope envelope{.sender = from, .recipients = recipients, .content = content};
    const delivery::Route route = net::run(runtime_, router_->route(to->ascii_domain));
    if (route.problem) return Error{ErrorCode::unavailable, route.problem->text, "", ""};
    Result<void> tried = Error{ErrorCode::unavailable, "no server", "", ""};
    for (const smtp::Target& target : route.targets) {
      tried = net::run(runtime_, deliver(target, session_, envelope));
      if (tried || tried.error().code == ErrorCode::refused) break;
    }
    return tried;
  }

  Result<void> by_post(const TlsReport& report, const std::string& url) {
    const auto place = net::parse_https_url(url);
    if (!place) return Error{ErrorCode::invalid, "not a URL that reports can go to", "", ""};
    auto addresses = net::run(runtime_, resolver_->addresses(place->host));
    if (addresses.status != dns::Status::ok) {
      return Error{ErrorCode::unavailable, std::string(dns::to_string(addresses.status)), "", place->host};
    }
    net::HttpsQuestion question;
    question.place = *place;
    question.addresses = std::move(addresses.records);
    question.content_type = kMediaType;
    question.body = base::gzip(authentication::to_json(report));
    question.limit = kPostLimit;
    const auto answer = net::run(runtime_, https_.ask(std::move(question)));
    if (!answer) return answer.error();
    if (answer->status / 100 == 2) return base::done;
    return Error{ErrorCode::refused, "HTTP status " + std::to_string(answer->status), "", ""};
  }

  store::Store& store_;
  mail::Address from_;
  std::string organisation_, contact_;
  std::vector<delivery::SigningDomain> signing_;
  net::HttpsClient https_;
  net::Runtime runtime_{{.threads = 1, .workers = 1}};
  std::unique_ptr<dns::Resolver> resolver_;
  std::unique_ptr<net::TlsClientContext> tls_;
  smtp::SessionOptions session_;
  std::unique_ptr<delivery::Router> router_;
};

TlsReportSender::TlsReportSender(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsReportSender::~TlsReportSender() = default;

Result<std::unique_ptr<TlsReportSender>> TlsReportSender::make(const Config& config, store::Store& store,
                                                               const std::filesystem::path& data) {
  auto impl = std::make_unique<Impl>(config, store);
  if (auto prepared = impl->prepare(config, data); !prepared) return std::move(prepared).error();
  return std::unique_ptr<TlsReportSender>(new TlsReportSender(std::move(impl)));
}

TlsReport TlsReportSender::report_of(const ReportEntry& entry) const { return impl_->report_of(entry); }
ReportEntry TlsReportSender::send(ReportEntry entry, base::Time now) { return impl_->send(std::move(entry), now); }
void TlsReportSender::cancel() { impl_->cancel(); }

}  // namespace todoku::app
