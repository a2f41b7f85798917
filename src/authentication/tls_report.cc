#include "authentication/tls_report.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <stdexcept>

#include "authentication/evp.h"
#include "authentication/versioned_record.h"
#include "base/ascii.h"
#include "base/gzip.h"

namespace todoku::authentication {
namespace {

namespace json = boost::json;

constexpr std::string_view kMailto = "mailto:";
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kBoundary = "----todoku-tls-report";
constexpr std::int64_t kDaySeconds = kDayMs / 1000;
constexpr std::size_t kBase64Line = 57;  // bytes in a line of 76

bool is_mail_address(std::string_view text) {
  const auto inner = [](char c) { return c > ' ' && c < '\x7f' && c != '<' && c != '>' && c != ',' && c != '"'; };
  const std::size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
         std::ranges::all_of(text, inner);
}

json::array array_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::object json_of(const TlsFailures& failures) {
  json::object object{{"result-type", failures.result}, {"failed-session-count", failures.sessions}};
  const auto add = [&object](std::string_view name, const std::string& value) {
    if (!value.empty()) object[name] = value;
  };
  add("sending-mta-ip", failures.source);
  add("receiving-mx-hostname", failures.mx);
  add("receiving-ip", failures.address);
  add("failure-reason-code", failures.detail);
  return object;
}

json::object json_of(const PolicyResults& results, const std::string& domain) {
  json::object policy{{"policy-type", to_string(results.policy.kind)}, {"policy-domain", domain}};
  if (!results.policy.strings.empty()) policy["policy-string"] = array_of(results.policy.strings);
  if (!results.policy.mx.empty()) policy["mx-host"] = array_of(results.policy.mx);
  json::array failures;
  for (const TlsFailures& failure : results.failures) failures.push_back(json_of(failure));
  json::object object{
      {"policy", std::move(policy)},
      {"summary", {{"total-successful-session-count", results.good}, {"total-failure-session-count", results.bad()}}}};
  if (!failures.empty()) object["failure-details"] = std::move(failures);
  return object;
}

std::string utc(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", std::chrono::sys_seconds(std::chrono::seconds(seconds)));
}

std::string base64_lines(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const std::string_view part = bytes.substr(0, kBase64Line);
    std::string line((part.size() + 2) / 3 * 4 + 1, '\0');
    EVP_EncodeBlock(bytes_of(line), bytes_of(part), static_cast<int>(part.size()));
    line.pop_back();  // EVP's NUL
    text += line + "\r\n";
    bytes.remove_prefix(part.size());
  }
  return text;
}

}  // namespace

std::string_view to_string(PolicyKind kind) {
  constexpr std::string_view kWords[] = {"no-policy-found", "tlsa", "sts"};
  return kWords[static_cast<std::size_t>(kind)];
}

PolicyKind policy_kind_of(std::string_view word) {
  if (word == to_string(PolicyKind::tlsa)) return PolicyKind::tlsa;
  return word == to_string(PolicyKind::sts) ? PolicyKind::sts : PolicyKind::none;
}

std::string tls_report_record_name(std::string_view domain) { return "_smtp._tls." + std::string(domain); }

ReportUris tls_report_uris(std::span<const std::string> txt_records) {
  ReportUris uris;
  const auto record = VersionedRecord::only_one(txt_records, "v=TLSRPTv1");
  std::string_view rest = record ? record->find("rua").value_or("") : "";
  for (std::size_t count = 0; !rest.empty() && count < kMostReportUris; ++count) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view uri = base::trim(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (base::istarts_with(uri, kMailto)) {
      const std::string_view address = uri.substr(kMailto.size());
      const std::string_view bare = address.substr(0, address.find('?'));
      if (is_mail_address(bare)) uris.mail.emplace_back(bare);
    } else if (base::istarts_with(uri, kHttps)) {
      uris.https.emplace_back(uri);
    }
  }
  return uris;
}

std::int64_t PolicyResults::bad() const {
  std::int64_t all = 0;
  for (const TlsFailures& failure : failures) all += failure.sessions;
  return all;
}

std::string TlsReport::id() const { return fmt::format("{}_{}@{}", day, domain, submitter); }

std::string TlsReport::file_name() const {
  return fmt::format("{}!{}!{}!{}!001.json.gz", submitter, domain, day * kDaySeconds, (day + 1) * kDaySeconds - 1);
}

std::string to_json(const TlsReport& report) {
  json::array policies;
  for (const PolicyResults& results : report.policies) policies.push_back(json_of(results, report.domain));
  const json::object object{
      {"organization-name", report.organisation},
      {"date-range",
       {{"start-datetime", utc(report.day * kDaySeconds)}, {"end-datetime", utc((report.day + 1) * kDaySeconds - 1)}}},
      {"contact-info", report.contact},
      {"report-id", report.id()},
      {"policies", std::move(policies)}};
  return json::serialize(object);
}

std::string report_mail(const TlsReport& report, std::string_view from, std::string_view to, base::Time now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::string mail = fmt::format(
      "From: <{}>\r\nTo: <{}>\r\nDate: {:%a, %d %b %Y %H:%M:%S} +0000\r\nMessage-ID: <{}.tls-report.{}>\r\n"
      "Subject: Report Domain: {}\r\n Submitter: {}\r\n Report-ID: <{}>\r\n"
      "TLS-Report-Domain: {}\r\nTLS-Report-Submitter: {}\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n boundary=\"{}\"\r\n\r\n",
      from, to, seconds, base::to_stored(now), report.id(), report.domain, report.submitter, report.id(), report.domain,
      report.submitter, kBoundary);
  mail += fmt::format(
      "--{}\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
      "This is an aggregate TLS report from {}\r\n\r\n",
      kBoundary, report.submitter);
  mail += fmt::format(
      "--{0}\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Transfer-Encoding: base64\r\n"
      "Content-Disposition: attachment;\r\n filename=\"{1}\"\r\n\r\n",
      kBoundary, report.file_name());
  mail += base64_lines(base::gzip(to_json(report)));
  mail += fmt::format("\r\n--{}--\r\n", kBoundary);
  return mail;
}

}  // namespace todoku::authentication
