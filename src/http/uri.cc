#include "http/uri.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::http {
namespace {

using base::Error;
using base::ErrorCode;
using base::Result;

constexpr std::size_t kMaxPairs = 100;

int hex_digit(char c) {
  if (base::ascii_digit(c)) return c - '0';
  const char lower = base::ascii_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool unreserved(char c) {
  return base::ascii_alpha(c) || base::ascii_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// The path and query of "http://host/path?query"; the text itself where it is one already.
std::string_view without_origin(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!base::istarts_with(target, scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = target.find_first_of("/?");
    return end == std::string_view::npos ? "/" : target.substr(end);
  }
  return target;
}

Result<std::vector<std::string>> parse_path(std::string_view path) {
  std::vector<std::string> segments;
  if (path == "/") return segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    auto segment = percent_decode(path.substr(0, end));
    if (!segment) return Error{ErrorCode::invalid, "the path has a broken % escape", "write % as %25", ""};
    if (*segment == "." || *segment == "..") {
      return Error{ErrorCode::invalid, "the path has a '.' or '..' in it", "send the path it leads to", ""};
    }
    segments.push_back(*std::move(segment));
    path.remove_prefix(end);
  }
  return segments;
}

std::optional<std::string> form_decode(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return percent_decode(spaced);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\0') return std::nullopt;
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

Result<Target> parse_target(std::string_view target) {
  std::string_view rest = without_origin(target);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t mark = std::min(rest.find('?'), rest.size());
  std::string_view path = rest.substr(0, mark);
  if (path.empty() && mark < rest.size()) path = "/";
  if (!path.starts_with('/')) {
    return Error{ErrorCode::invalid, "the request target is no path", "send one that begins with /", ""};
  }
  auto segments = parse_path(path);
  if (!segments) return std::move(segments).error();
  auto query = parse_form(mark < rest.size() ? rest.substr(mark + 1) : std::string_view());
  if (!query) return std::move(query).error();
  return Target{*std::move(segments), *std::move(query)};
}

Result<Parameters> parse_form(std::string_view text) {
  Parameters parameters;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    if (parameters.size() == kMaxPairs) return Error{ErrorCode::limit, "too many parameters", "send at most 100", ""};
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = form_decode(pair.substr(0, equals));
    auto value = form_decode(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value) {
      return Error{ErrorCode::invalid, "a parameter has a broken % escape", "write % as %25", ""};
    }
    parameters.add(*std::move(name), *std::move(value));
  }
  return parameters;
}

}  // namespace todoku::http
