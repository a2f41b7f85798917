#include "authentication/dkim_signer.h"

#include <cassert>
#include <utility>

#include "authentication/dkim_canonical.h"
#include "mail/transfer_encoding.h"

namespace todoku::authentication {
namespace {

constexpr std::size_t kLine = 78;

/// Appends "name=value;" to the line, or begins a new one where it would not fit.
void append_tag(std::string& out, std::string_view name, std::string_view value) {
  const std::size_t line = out.rfind('\n') + 1;  // npos + 1 is 0
  if (out.size() - line + name.size() + value.size() + 3 > kLine) {
    out += "\r\n";
  }
  out += ' ';
  out.append(name).append("=").append(value).append(";");
}

std::string head_of(const DkimSignerOptions& options, const DkimSigningKey& key) {
  std::string head = "DKIM-Signature: v=1;";
  append_tag(head, "a", to_string(key.key.algorithm()));
  append_tag(head, "c", "relaxed/relaxed");
  append_tag(head, "d", options.domain);
  append_tag(head, "s", key.selector);
  if (!options.identity.empty()) append_tag(head, "i", options.identity);
  return head;
}

/// In lines of 78 characters, the first of which has `taken` already.
void append_broken(std::string& out, std::string_view text, std::size_t taken) {
  std::size_t room = kLine - taken;
  while (text.size() > room) {
    out.append(text.substr(0, room)).append("\r\n ");
    text.remove_prefix(room);
    room = kLine - 1;
  }
  out += text;
}

std::string_view bytes(const Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

DkimSigner::DkimSigner(DkimSignerOptions options) : options_(std::move(options)) {
  assert(!options_.keys.empty());
  for (const DkimSigningKey& key : options_.keys) {
    prepared_.push_back({head_of(options_, key), DkimSign(key.key)});
  }
}

base::Result<void> DkimSigner::sign(std::string_view mail, std::optional<base::Time> at, std::string& out) {
  if (!split_mail(mail, split_)) {
    return base::Error{base::ErrorCode::limit, "the mail has too many header fields to be signed", "", ""};
  }
  headers_.choose(split_.fields);
  if (!headers_.has_from()) {
    return base::Error{base::ErrorCode::invalid, "the mail has no From field to sign", "give it a sender", ""};
  }
  body_tag_ = "bh=";
  mail::append_base64_unbroken(body_tag_, bytes(body_hash_(split_.body)));
  body_tag_ += ";";
  canonical_.clear();
  for (const std::uint16_t field : headers_.order()) append_relaxed_field(canonical_, split_.fields[field].whole);
  at_headers_.begin();
  at_headers_.add(canonical_);
  for (Prepared& prepared : prepared_) append_field(prepared, at, out);
  return base::done;
}

void DkimSigner::append_field(Prepared& prepared, std::optional<base::Time> at, std::string& out) {
  const std::size_t begin = out.size();
  out += prepared.head;
  if (at) append_times(*at, out);
  out += "\r\n ";
  out += headers_.tag();
  out += "\r\n ";
  out += body_tag_;
  out += "\r\n b=";
  canonical_.clear();
  append_relaxed_field(canonical_, std::string_view(out).substr(begin));
  canonical_.resize(canonical_.size() - 2);  // its own line end is not hashed
  hash_.begin_at(at_headers_);
  hash_.add(canonical_);
  encoded_.clear();
  mail::append_base64_unbroken(encoded_, prepared.sign(hash_.end()));
  append_broken(out, encoded_, std::string_view(" b=").size());
  out += "\r\n";
}

void DkimSigner::append_times(base::Time at, std::string& out) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  append_tag(out, "t", std::to_string(seconds));
  if (!options_.valid_for) return;
  const auto valid = std::chrono::ceil<std::chrono::seconds>(*options_.valid_for).count();
  append_tag(out, "x", std::to_string(seconds + valid));
}

}  // namespace todoku::authentication
