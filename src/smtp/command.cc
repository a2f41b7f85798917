#include "smtp/command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/ascii.h"

namespace todoku::smtp {
namespace {

constexpr std::array<std::pair<std::string_view, Verb>, 12> kVerbs = {{{"HELO", Verb::helo},
                                                                       {"EHLO", Verb::ehlo},
                                                                       {"MAIL", Verb::mail},
                                                                       {"RCPT", Verb::rcpt},
                                                                       {"DATA", Verb::data},
                                                                       {"RSET", Verb::rset},
                                                                       {"NOOP", Verb::noop},
                                                                       {"QUIT", Verb::quit},
                                                                       {"VRFY", Verb::vrfy},
                                                                       {"HELP", Verb::help},
                                                                       {"STARTTLS", Verb::starttls},
                                                                       {"AUTH", Verb::auth}}};
constexpr std::size_t kAddressLimit = 1024;  // RFC 5321 says 256; whether the rest is taken is the receiver's decision

// The end of "<…>", quoted parts skipped; npos: none.
std::size_t closing_bracket(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quoted)
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == '>' && !quoted)
      return i;
  }
  return text.npos;
}

bool note_parameter(PathArgument& path, std::string_view parameter) {
  auto equals = parameter.find('=');
  auto name = parameter.substr(0, equals);
  auto value = equals == parameter.npos ? std::string_view() : parameter.substr(equals + 1);
  if (base::iequals(name, "SIZE")) {
    std::uint64_t size = 0;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
    if (error != std::errc() || end != value.data() + value.size()) return false;
    path.size = size;
  } else if (base::iequals(name, "BODY")) {
    path.eight_bit = base::iequals(value, "8BITMIME");
    return path.eight_bit || base::iequals(value, "7BIT");
  } else if (base::iequals(parameter, "SMTPUTF8")) {
    path.smtputf8 = true;
  } else if (!base::iequals(name, "AUTH")) {  // RFC 4954 section 5: taken and ignored
    path.unknown_parameter = true;
  }
  return true;
}

}  // namespace

Command parse_command(std::string_view line) {
  auto end = line.find_first_of(" \t");
  auto word = line.substr(0, end);
  auto found = std::ranges::find_if(kVerbs, [&](const auto& verb) { return base::iequals(verb.first, word); });
  return {found == kVerbs.end() ? Verb::unknown : found->second,
          end == line.npos ? std::string_view() : base::trim(line.substr(end))};
}

std::optional<PathArgument> parse_path(std::string_view argument, std::string_view keyword) {
  if (!base::istarts_with(argument, keyword)) return std::nullopt;
  argument = base::trim(argument.substr(keyword.size()));
  auto end = argument.starts_with('<') ? closing_bracket(argument) : argument.npos;
  if (end == argument.npos || end > kAddressLimit) return std::nullopt;
  auto address = argument.substr(1, end - 1);
  if (address.starts_with('@')) {
    auto colon = address.find(':');
    if (colon == address.npos) return std::nullopt;
    address.remove_prefix(colon + 1);
  }
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(address, control)) return std::nullopt;
  PathArgument path;
  path.address = address;
  argument.remove_prefix(end + 1);
  if (!argument.empty() && !base::ascii_blank(argument.front())) return std::nullopt;
  while (!(argument = base::trim(argument)).empty()) {
    auto parameter = argument.substr(0, argument.find_first_of(" \t"));
    if (!note_parameter(path, parameter)) return std::nullopt;
    argument.remove_prefix(parameter.size());
  }
  return path;
}

}  // namespace todoku::smtp
