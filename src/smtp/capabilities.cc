#include "smtp/capabilities.h"

#include <charconv>

#include "base/ascii.h"

namespace todoku::smtp {
namespace {

std::string_view take_word(std::string_view& text) {
  text = base::trim(text);
  auto end = text.find_first_of(" \t=");  // "AUTH=PLAIN LOGIN": the old spelling is still met
  auto word = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return word;
}

void note(Capabilities& c, std::string_view line) {
  auto keyword = take_word(line);
  auto is = [&](std::string_view name) { return base::iequals(keyword, name); };
  if (is("PIPELINING")) c.pipelining = true;
  if (is("8BITMIME")) c.eight_bit_mime = true;
  if (is("SMTPUTF8")) c.smtputf8 = true;
  if (is("STARTTLS")) c.starttls = true;
  if (is("CHUNKING")) c.chunking = true;
  if (is("SIZE")) {
    c.size = true;
    auto number = take_word(line);
    std::from_chars(number.data(), number.data() + number.size(), c.size_limit);
  }
  if (is("AUTH")) {
    for (auto mechanism = take_word(line); !mechanism.empty(); mechanism = take_word(line)) {
      c.auth_plain = c.auth_plain || base::iequals(mechanism, "PLAIN");
      c.auth_login = c.auth_login || base::iequals(mechanism, "LOGIN");
    }
  }
}

}  // namespace

Capabilities Capabilities::parse(const Reply& ehlo) {
  Capabilities found;
  for (std::size_t i = 1; i < ehlo.lines.size(); ++i) note(found, ehlo.lines[i]);
  if (!ehlo.lines.empty()) {
    std::string_view first = ehlo.lines.front();
    found.greeting_name = take_word(first);
  }
  return found;
}

}  // namespace todoku::smtp
