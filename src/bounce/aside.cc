#include "bounce/aside.h"

#include <algorithm>

namespace todoku::bounce {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t kLookedBack = 160;

/// How such sentences begin, in the rules' form.
constexpr std::string_view kIfYouThink[] = {"if you think",
                                            "if you believe",
                                            "if you feel",
                                            "if you suspect",
                                            "if you consider",
                                            "if you are sure",
                                            "if you are certain",
                                            "if this is an error",
                                            "if this was an error",
                                            "if this is a mistake",
                                            "wenn sie glauben",
                                            "wenn sie meinen",
                                            "wenn sie denken",
                                            "falls sie glauben",
                                            "falls sie meinen",
                                            "sollten sie der",
                                            "si vous pensez",
                                            "si vous croyez",
                                            "si vous estimez",
                                            "si cree",
                                            "si piensa",
                                            "si considera",
                                            "se acredita",
                                            "se voce acredita",
                                            "se voce acha",
                                            "se ritiene",
                                            "se ritieni",
                                            "se pensa",
                                            "se crede",
                                            "als u denkt",
                                            "als u meent",
                                            "om du tror",
                                            "om du anser",
                                            "hvis du mener",
                                            "hvis du tror",
                                            "jesli uwaza",
                                            "jezeli uwaza",
                                            "jesli sadzi",
                                            "pokud si myslite",
                                            "если вы считаете",
                                            "если вы полагаете",
                                            "якщо ви вважаєте",
                                            "と思われる場合",
                                            "如果您认为",
                                            "如果您認為"};

/// A link's path, not its host: blocklists are known by that.
bool in_path(std::string_view raw, std::size_t at) {
  const std::size_t link = raw.substr(0, at).rfind("://");
  if (link == npos) return false;
  const std::string_view between = raw.substr(link + 3, at - link - 3);
  return between.find('/') != npos && between.find_first_of(" \t\r\n<>()\"") == npos;
}

/// In a sentence that begins with one of kIfYouThink.
bool if_you_think(std::string_view plain, std::size_t at) {
  const std::size_t from = at > kLookedBack ? at - kLookedBack : 0;
  std::string_view before = plain.substr(from, at - from);
  for (std::size_t i = before.size(); i-- > 1;) {
    const bool end = before[i] == ' ' && (before[i - 1] == '.' || before[i - 1] == '!' || before[i - 1] == '?');
    if (!end) continue;
    before.remove_prefix(i);
    break;
  }
  constexpr std::size_t kShortest = 8;
  if (before.size() < kShortest) return false;
  return std::ranges::any_of(kIfYouThink, [&](std::string_view words) { return before.find(words) != npos; });
}

}  // namespace

bool said_aside(const PlainText& plain, std::string_view raw, std::size_t at) {
  return (at < plain.origin.size() && in_path(raw, plain.origin[at])) || if_you_think(plain.text, at);
}

}  // namespace todoku::bounce
