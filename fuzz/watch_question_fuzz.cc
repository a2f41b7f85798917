// The line of somebody who watches sessions: cut into pieces anywhere it asks for what the whole does, it keeps its
// limit, and only a "*" asks for sessions whose names it does not hold.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "smtp/watch_question.h"

using todoku::smtp::WatchQuestion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] % 64 + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  WatchQuestion pieces, whole;
  whole.read(text);
  for (std::size_t at = 0; at < text.size(); at += step) pieces.read(text.substr(at, step));
  if (pieces.state() != whole.state()) std::abort();
  const std::string_view line = text.substr(0, text.find('\n'));
  const bool ended = line.size() < text.size();
  const bool asked = whole.state() == WatchQuestion::State::asked;
  if (asked != (ended && line.size() <= WatchQuestion::kLongest)) std::abort();
  for (const WatchQuestion* question : {&pieces, &whole}) {
    if (question->wants(line, "site.example", "mx.site.example") != asked) std::abort();
    const bool of_others = asked && (line == "*" || line == "gmail" || line == "a.example" || line == "mx.a.example");
    if (question->wants("gmail", "a.example", "mx.a.example") != of_others) std::abort();
  }
  return 0;
}
