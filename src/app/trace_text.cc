#include "app/trace_text.h"

#include <fmt/format.h>

#include "app/phrase.h"

namespace todoku::app {
namespace {

using Kind = smtp::Witness::Kind;

constexpr std::size_t kLongest = 1000;

char mark_of(Kind kind) {
  if (kind == Kind::sent) return '>';
  return kind == Kind::received ? '<' : '*';
}

std::string text_of(Kind kind, std::string_view text) {
  switch (kind) {
    case Kind::connecting:
      return fmt::format("connecting to {}", text);
    case Kind::connected:
      return "connected";
    case Kind::failed:
      return fmt::format("failed: {}", text);
    case Kind::ended:
      return "session over";
    default:
      return std::string(text);
  }
}

}  // namespace

std::string TraceText::lines(Kind kind, std::string_view text, base::Duration since_begin) {
  const std::string all = (kind == Kind::received ? half_ : std::string()) + text_of(kind, text);
  std::string shown;
  const auto add = [&](char mark, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view cut = line.substr(0, kLongest);
    shown += fmt::format("{:9.3f} {} {}{}\n", static_cast<double>(since_begin.count()) / 1000, mark, one_line(cut),
                         cut.size() < line.size() ? " …" : "");
  };
  if (kind != Kind::received && !half_.empty()) add('<', half_);
  half_.clear();
  std::string_view rest = all;
  for (std::size_t end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    add(mark_of(kind), rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  if (rest.empty()) return shown;
  if (kind == Kind::received && rest.size() <= kLongest) {
    half_ = rest;
  } else {
    add(mark_of(kind), rest);
  }
  return shown;
}

}  // namespace todoku::app
