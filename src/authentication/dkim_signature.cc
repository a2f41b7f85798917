#include "authentication/dkim_signature.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "authentication/dkim_record.h"
#include "authentication/tag_list.h"
#include "base/ascii.h"

namespace todoku::authentication {
namespace {

constexpr std::array<std::string_view, 17> kCauses = {
    "none",         "syntax",          "version",     "algorithm",  "query",       "identity",  "from_not_signed",
    "expired",      "key_unavailable", "key_missing", "key_syntax", "key_revoked", "key_unfit", "too_short",
    "body_changed", "header_changed",  "too_many"};

struct Parser {
  const TagList& tags;
  DkimSignature out{};

  std::string_view value(std::string_view name) const { return tags.find(name).value_or(""); }

  DkimCause algorithm() {
    const std::string_view wanted = value("a");
    if (base::iequals(wanted, "rsa-sha256")) {
      out.algorithm = DkimAlgorithm::rsa_sha256;
    } else if (base::iequals(wanted, "ed25519-sha256")) {
      out.algorithm = DkimAlgorithm::ed25519_sha256;
    } else {
      return DkimCause::algorithm;
    }
    return canonicalization(base::ascii_lower(tags.find("c").value_or("simple/simple")));
  }

  DkimCause canonicalization(std::string_view wanted) {
    const std::size_t slash = std::min(wanted.find('/'), wanted.size());
    const std::string_view header = wanted.substr(0, slash);
    const std::string_view body = slash == wanted.size() ? "simple" : wanted.substr(slash + 1);
    out.relaxed_header = header == "relaxed";
    out.relaxed_body = body == "relaxed";
    const bool known = (out.relaxed_header || header == "simple") && (out.relaxed_body || body == "simple");
    return known ? DkimCause::none : DkimCause::algorithm;
  }

  DkimCause place() {
    out.domain = base::ascii_lower(value("d"));
    out.selector = base::ascii_lower(value("s"));
    if (!is_selector(out.selector) || !is_selector(out.domain)) return DkimCause::syntax;
    const auto query = tags.find("q");
    if (query) {
      const auto methods = split_colons(*query, kMostSignedHeaders);
      if (!methods || std::ranges::find(*methods, "dns/txt") == methods->end()) return DkimCause::query;
    }
    out.identity = std::string(tags.find("i").value_or("@" + out.domain));
    const std::size_t at = out.identity.rfind('@');
    if (at == std::string::npos || !is_within(base::ascii_lower(out.identity.substr(at + 1)), out.domain)) {
      return DkimCause::identity;
    }
    return DkimCause::none;
  }

  DkimCause headers() {
    const auto names = split_colons(value("h"), kMostSignedHeaders);
    if (!names) return DkimCause::syntax;
    for (const std::string_view name : *names) {
      if (name.empty()) return DkimCause::syntax;
      out.headers.push_back(base::ascii_lower(name));
    }
    return std::ranges::find(out.headers, "from") == out.headers.end() ? DkimCause::from_not_signed : DkimCause::none;
  }

  DkimCause numbers() {
    const bool fine = number("l", out.body_length) && number("x", out.expires);
    std::optional<std::uint64_t> made;
    if (!fine || !number("t", made)) return DkimCause::syntax;
    return made && out.expires && *out.expires <= *made ? DkimCause::syntax : DkimCause::none;
  }

  bool number(std::string_view name, std::optional<std::uint64_t>& into) const {
    const auto text = tags.find(name);
    if (!text) return true;
    std::uint64_t n = 0;
    const auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), n);
    if (problem != std::errc{} || end != text->data() + text->size()) return false;
    into = n;
    return true;
  }

  DkimCause hashes() {
    auto hash = decode_folded_base64(value("bh"));
    auto signature = decode_folded_base64(value("b"));
    if (!hash || hash->size() != 32 || !signature || signature->empty()) return DkimCause::syntax;
    out.body_hash = *std::move(hash);
    out.signature = *std::move(signature);
    return DkimCause::none;
  }
};

}  // namespace

std::string_view to_string(DkimCause cause) { return kCauses[static_cast<std::size_t>(cause)]; }

std::variant<DkimSignature, DkimCause> parse_dkim_signature(std::string_view value) {
  const auto tags = TagList::parse(value);
  if (!tags) return DkimCause::syntax;
  if (!tags->find("v")) return DkimCause::syntax;
  if (*tags->find("v") != "1") return DkimCause::version;
  for (const std::string_view needed : {"a", "b", "bh", "d", "h", "s"}) {
    if (!tags->find(needed)) return DkimCause::syntax;
  }
  Parser parser{*tags};
  for (const auto step : {&Parser::algorithm, &Parser::place, &Parser::headers, &Parser::numbers, &Parser::hashes}) {
    if (const DkimCause cause = (parser.*step)(); cause != DkimCause::none) return cause;
  }
  return std::move(parser.out);
}

std::string without_signature(std::string_view field) {
  std::string out;
  std::size_t at = std::min(field.find(':'), field.size());
  out = field.substr(0, at);
  while (at < field.size()) {
    const std::size_t end = std::min(field.find(';', at + 1), field.size());
    const std::string_view tag = field.substr(at, end - at);  // with the ':' or ';' before it
    const std::size_t equals = tag.find('=');
    if (equals != tag.npos && base::trim(tag.substr(1, equals - 1)) == "b") {
      out += tag.substr(0, equals + 1);
    } else {
      out += tag;
    }
    at = end;
  }
  return out;
}

bool is_within(std::string_view domain, std::string_view parent) {
  return domain == parent || (domain.size() > parent.size() && domain.ends_with(parent) &&
                              domain[domain.size() - parent.size() - 1] == '.');
}

}  // namespace todoku::authentication
