#include "bounce/rule_table.h"

#include <algorithm>

#include "base/ascii.h"

namespace todoku::bounce {

bool CodeBegin::begins(int code) const {
  std::int32_t places = 1;
  for (int rest = code; rest >= 10; rest /= 10) ++places;
  for (; places > digits; --places) code /= 10;
  return places == digits && code == value;
}

RuleTable::RuleTable(std::span<const std::uint64_t> compiled) {
  FlatReader from(compiled);
  texts = from.take<char>();
  rules = from.take<Rule>();
  wordless = from.take<std::uint32_t>();
  codes = from.take<CodeBegin>();
  statuses = from.take<StatusPattern>();
  receivers = from.take<Receiver>();
  domains = from.take<Ending>();
  hosts = from.take<Ending>();
  phrases = PhraseTables::read(from);
}

std::int32_t RuleTable::of_ending(std::span<const Ending> endings, std::string_view name) const {
  const std::string lower = base::ascii_lower(name.ends_with('.') ? name.substr(0, name.size() - 1) : name);
  for (std::string_view rest = lower; !rest.empty();) {
    const auto found = std::ranges::lower_bound(endings, rest, {}, [this](const Ending& e) { return text(e.text); });
    if (found != endings.end() && text(found->text) == rest) return static_cast<std::int32_t>(found->receiver);
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  return -1;
}

}  // namespace todoku::bounce
