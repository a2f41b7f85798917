// A text in short lines: no line of a flowed one is long, and joined again as a reader does it is what it was, but for
// blanks before line ends; HTML without what was put in is what it was, but for the kind of its white space.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mail/reflow.h"
#include "mail/short_lines.h"

namespace {

/// RFC 3676 with DelSp=yes.
std::string joined(std::string_view flowed) {
  std::string out;
  while (!flowed.empty()) {
    const std::size_t end = std::min(flowed.find('\n'), flowed.size());
    std::string_view line = flowed.substr(0, end);
    if (line.size() > todoku::mail::kShortestLimit) std::abort();
    if (line.starts_with(' ')) line.remove_prefix(1);
    const bool soft = line.ends_with(' ') && line != "-- ";
    out += soft ? line.substr(0, line.size() - 1) : line;
    if (!soft && end < flowed.size()) out += '\n';
    flowed.remove_prefix(std::min(end + 1, flowed.size()));
  }
  return out;
}

std::string without_blanks(std::string_view text, std::string_view blanks) {
  std::string out(text);
  std::erase_if(out, [&](char c) { return blanks.find(c) != blanks.npos; });
  return out;
}

/// Without white space and the comments that are nothing but that.
std::string essence(std::string_view html) {
  constexpr std::string_view kEmpty = "<!---->";
  std::string out = without_blanks(html, " \t\r\n\f");
  for (std::size_t at = out.find(kEmpty); at != out.npos; at = out.find(kEmpty)) out.erase(at, kEmpty.size());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string made = todoku::mail::flowed(text);
  if (without_blanks(joined(made), " \r") != without_blanks(text, " \r")) std::abort();
  if (essence(todoku::mail::html_in_short_lines(text)) != essence(text)) std::abort();
  return 0;
}
