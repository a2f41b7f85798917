#include "authentication/dkim_verifier.h"

#include <algorithm>
#include <array>
#include <map>

#include "authentication/dkim_canonical.h"
#include "authentication/dkim_header.h"
#include "authentication/dkim_record.h"
#include "authentication/dkim_sign.h"
#include "base/ascii.h"

namespace todoku::authentication {
namespace {

constexpr std::array<std::string_view, 5> kResults = {"pass", "fail", "temperror", "permerror", "neutral"};

DkimResult result_of(DkimCause cause) {
  switch (cause) {
    case DkimCause::none:
      return DkimResult::pass;
    case DkimCause::body_changed:
    case DkimCause::header_changed:
    case DkimCause::too_short:
      return DkimResult::fail;
    case DkimCause::key_unavailable:
      return DkimResult::temperror;
    case DkimCause::syntax:
    case DkimCause::version:
    case DkimCause::algorithm:
    case DkimCause::query:
    case DkimCause::too_many:
      return DkimResult::neutral;
    default:
      return DkimResult::permerror;
  }
}

std::vector<const HeaderField*> signature_fields(const SplitMail& mail) {
  std::vector<const HeaderField*> found;
  for (const HeaderField& field : mail.fields) {
    if (found.size() < kMostSignatures && base::iequals(field.name, "DKIM-Signature")) found.push_back(&field);
  }
  return found;
}

void append_field(std::string& out, std::string_view field, bool relaxed) {
  if (relaxed) return append_relaxed_field(out, field);
  out += field;
  if (!field.ends_with("\r\n")) out += "\r\n";
}

/// The fields that h= names, each name's from the bottom up, then the signature itself.
Sha256Digest header_hash(const SplitMail& mail, const DkimSignature& signature, const HeaderField& own) {
  std::string text;
  std::map<std::string_view, std::size_t> above;  // for each name: fields from here on upwards are unused
  for (const std::string& name : signature.headers) {
    std::size_t& end = above.emplace(name, mail.fields.size()).first->second;
    while (end > 0 && !base::iequals(mail.fields[end - 1].name, name)) --end;
    if (end > 0) append_field(text, mail.fields[--end].whole, signature.relaxed_header);
  }
  std::string field = without_signature(own.whole);
  append_field(text, field, signature.relaxed_header);
  text.resize(text.size() - 2);  // its own line end is not hashed
  return sha256(text);
}

/// The check of one signature, step by step; each returns what is wrong.
class Check {
 public:
  Check(const SplitMail& mail, const HeaderField& field, DkimVerdict& verdict)
      : mail_(mail), field_(field), verdict_(verdict) {}

  DkimCause body() {
    const DkimSignature& signature = verdict_.signature;
    std::string text;
    if (signature.relaxed_body) {
      append_relaxed_body(text, mail_.body);
    } else {
      append_simple_body(text, mail_.body);
    }
    if (signature.body_length) {
      if (*signature.body_length > text.size()) return DkimCause::too_short;
      verdict_.whole_body = *signature.body_length == text.size();
      text.resize(*signature.body_length);
    }
    const Sha256Digest hash = sha256(text);
    const std::string_view bytes(reinterpret_cast<const char*>(hash.data()), hash.size());
    return bytes == signature.body_hash ? DkimCause::none : DkimCause::body_changed;
  }

  DkimCause header(const DkimKeyAnswer& answer) {
    if (answer.status == DkimKeyAnswer::Status::unavailable) return DkimCause::key_unavailable;
    if (answer.status == DkimKeyAnswer::Status::none || answer.records.empty()) return DkimCause::key_missing;
    DkimCause worst = DkimCause::key_syntax;
    std::size_t tried = 0;
    for (const std::string& text : answer.records) {  // several at one name: any may be meant
      if (++tried > kMostRecords) break;
      const auto record = parse_dkim_record(text);
      if (!record) continue;
      worst = by(*record);
      if (worst == DkimCause::none) break;
    }
    return worst;
  }

 private:
  static constexpr std::size_t kMostRecords = 4;

  DkimCause by(const DkimRecord& record) {
    const DkimSignature& signature = verdict_.signature;
    if (record.key.empty()) return DkimCause::key_revoked;
    if (record.type != key_type(signature.algorithm) || !record.sha256 || !record.for_mail) return DkimCause::key_unfit;
    const std::string_view identity = signature.identity;
    if (record.exact_domain && !base::iequals(identity.substr(identity.rfind('@') + 1), signature.domain)) {
      return DkimCause::identity;
    }
    verdict_.testing = record.testing;
    switch (
        check_signature(signature.algorithm, record.key, header_hash(mail_, signature, field_), signature.signature)) {
      case DkimMatch::matches:
        return DkimCause::none;
      case DkimMatch::differs:
        return DkimCause::header_changed;
      case DkimMatch::bad_key:
        return DkimCause::key_syntax;
      case DkimMatch::weak_key:
        break;
    }
    return DkimCause::key_unfit;
  }

  const SplitMail& mail_;
  const HeaderField& field_;
  DkimVerdict& verdict_;
};

bool expired(const DkimSignature& signature, base::Time now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return signature.expires && seconds > 0 && *signature.expires < static_cast<std::uint64_t>(seconds);
}

DkimCause check(const SplitMail& mail, const HeaderField& field, base::Time now, const DkimKeyLookup& lookup,
                DkimVerdict& verdict) {
  auto parsed = parse_dkim_signature(field.value);
  if (const auto* cause = std::get_if<DkimCause>(&parsed)) return *cause;
  verdict.signature = std::get<DkimSignature>(std::move(parsed));
  if (expired(verdict.signature, now)) return DkimCause::expired;
  Check steps(mail, field, verdict);
  const DkimCause body = steps.body();
  if (body != DkimCause::none) return body;
  return steps.header(lookup(dkim_record_name(verdict.signature.selector, verdict.signature.domain)));
}

}  // namespace

std::string_view to_string(DkimResult result) { return kResults[static_cast<std::size_t>(result)]; }

std::vector<DkimVerdict> verify_dkim(std::string_view mail, base::Time now, const DkimKeyLookup& lookup) {
  SplitMail split;
  std::vector<DkimVerdict> verdicts;
  if (!split_mail(mail, split)) {
    verdicts.emplace_back().cause = DkimCause::too_many;
    return verdicts;
  }
  for (const HeaderField* field : signature_fields(split)) {
    DkimVerdict& verdict = verdicts.emplace_back();
    verdict.cause = check(split, *field, now, lookup, verdict);
    verdict.result = result_of(verdict.cause);
  }
  return verdicts;
}

std::vector<std::string> dkim_key_names(std::string_view mail) {
  SplitMail split;
  std::vector<std::string> names;
  if (!split_mail(mail, split)) return names;
  for (const HeaderField* field : signature_fields(split)) {
    const auto parsed = parse_dkim_signature(field->value);
    const auto* signature = std::get_if<DkimSignature>(&parsed);
    if (signature == nullptr) continue;
    std::string name = dkim_record_name(signature->selector, signature->domain);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace todoku::authentication
