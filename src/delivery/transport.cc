#include "delivery/transport.h"

#include <fmt/format.h>

#include <algorithm>

#include "authentication/dane.h"
#include "delivery/sts_policies.h"
#include "delivery/tls_results.h"

namespace todoku::delivery {
namespace {

using authentication::HostFacts;
using authentication::OperatorWish;
using authentication::PolicyKind;
using authentication::TlsaState;
using authentication::TlsLevel;
using authentication::TransportNeed;

smtp::TlsMode mode_of(TlsLevel level) {
  switch (level) {
    case TlsLevel::off:
      return smtp::TlsMode::off;
    case TlsLevel::opportunistic:
      return smtp::TlsMode::opportunistic;
    case TlsLevel::required:
    case TlsLevel::verify:
      break;
  }
  return smtp::TlsMode::required;
}

/// `base`: the name that the TLSA records stand at.
smtp::Security security_of(const TransportNeed& need, const OperatorWish& wish, const std::string& domain,
                           const std::string& host, const std::string& base) {
  smtp::Security security;
  // "Opportunistic" by default leaves it to the session's options, which a provider's limits may tighten.
  if (need.level != TlsLevel::opportunistic || wish.for_domain) security.tls = mode_of(need.level);
  security.proof = need.proof;
  security.why = need.why;
  if (need.proof != net::TlsProof::dane) return security;
  security.tlsa = need.tlsa;
  security.name = base;
  security.other_names = {domain};  // RFC 7672 section 3.2.2
  if (base != host) security.other_names.push_back(host);
  return security;
}

SessionPolicy session_policy(const TransportNeed& need, const HostFacts& facts) {
  SessionPolicy session{
      .policy = {.kind = need.policy, .strings = {}, .mx = {}}, .testing = need.testing, .listed = need.listed};
  if (need.policy == PolicyKind::tlsa) {
    for (const auto& record : facts.records) session.policy.strings.push_back(authentication::to_text(record));
  }
  if (need.policy != PolicyKind::sts) return session;
  std::string text = authentication::to_text(*facts.sts);
  for (std::size_t at = 0; (at = text.find('\n')) != std::string::npos; text.erase(0, at + 1)) {
    session.policy.strings.push_back(text.substr(0, at));
  }
  session.policy.mx = facts.sts->mx;
  return session;
}

}  // namespace

OperatorWish Transport::wish_of(std::string_view domain) const {
  const auto fits = [domain](const auto& entry) {
    return entry.first.starts_with('.') ? domain.ends_with(entry.first) : domain == entry.first;
  };
  const auto found = std::ranges::find_if(options_.by_domain, fits);
  if (found != options_.by_domain.end()) return {.level = found->second, .for_domain = true};
  return {.level = options_.level, .for_domain = false};
}

/// At the name that an alias stands for, else at the host's own (RFC 7672 section 2.2.2).
net::Task<> Transport::look_up_tlsa(const dns::MailHost& host, HostFacts& facts, std::string& base) const {
  std::vector<std::string> names = {host.name};
  if (!host.canonical.empty()) names.insert(names.begin(), host.canonical);
  for (const std::string& name : names) {
    auto answer = co_await resolver_.tlsa(authentication::tlsa_record_name(name, options_.port));
    if (dns::temporary(answer.status)) {
      facts.tlsa = TlsaState::failed;
      co_return;
    }
    if (answer.status != dns::Status::ok || !answer.secure) continue;
    facts.tlsa = TlsaState::found;
    facts.records = std::move(answer.records);
    base = name;
    co_return;
  }
}

void Transport::report(const std::string& domain, const authentication::ReportedPolicy& policy, std::string result,
                       const std::string& host, const std::string& detail) const {
  if (results_ == nullptr) return;
  results_->failure(domain, policy,
                    {.result = std::move(result), .mx = host, .address = {}, .source = {}, .detail = detail});
}

/// The host joins the route, or what forbids it `forbidden`.
net::Task<> Transport::add(const std::string& domain, const OperatorWish& wish, const dns::MailHost& host,
                           const authentication::StsPolicy* sts, Found& found) const {
  HostFacts facts{.domain = domain, .host = host.name, .tlsa = {}, .records = {}, .sts = sts};
  std::string base = host.name;
  if (host.secure && !wish.lifts()) co_await look_up_tlsa(host, facts, base);
  const TransportNeed need = need_of(facts, wish);
  SessionPolicy policy = session_policy(need, facts);
  if (!need.allowed) {
    found.forbidden += (found.forbidden.empty() ? "" : "; ") + need.why;
    report(domain, policy.policy, need.policy == PolicyKind::tlsa ? "dnssec-invalid" : "validation-failure", host.name,
           need.why);
    co_return;
  }
  const smtp::Security security = security_of(need, wish, domain, host.name, base);
  for (const std::string& address : host.addresses) {
    found.route.targets.push_back({host.name, address, options_.port, security});
  }
  found.route.policies.emplace(host.name, std::move(policy));
}

net::Task<Route> Transport::route(std::string domain, dns::MailHosts hosts) const {
  const OperatorWish wish = wish_of(domain);
  StsAnswer sts;
  if (sts_ != nullptr && !wish.lifts() && !domain.starts_with('[')) sts = co_await sts_->policy_of(domain);
  if (!sts.trouble.empty()) {
    report(domain, {.kind = PolicyKind::sts, .strings = {}, .mx = {}}, sts.trouble, {}, sts.detail);
  }
  Found found;
  for (const dns::MailHost& host : hosts.hosts) {
    co_await add(domain, wish, host, sts.kept ? &sts.kept->policy : nullptr, found);
  }
  if (found.route.targets.empty()) {
    found.route.problem = {
        .reason = bounce::Reason::tls_failed, .final = false, .text = "nothing was sent: " + found.forbidden};
  }
  co_return std::move(found.route);
}

}  // namespace todoku::delivery
