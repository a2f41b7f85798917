// What clamd, or whoever stands in its place, answers: only the two answers that say so are a verdict, however they are
// cut, and a name is fit for a terminal.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scan/clamd_exchange.h"

using namespace todoku;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  scan::ClamdExchange exchange(text);
  for (auto out = exchange.output(); !out[0].empty() || !out[1].empty(); out = exchange.output()) {
    exchange.sent(std::min(step * 16, out[0].size() + out[1].size()));
  }
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto result = exchange.received(text.substr(at, step));
    if (!result) return 0;
    if (!*result) continue;
    const std::string answer(text.substr(0, text.find('\0')));
    const auto& verdict = exchange.verdict();
    if (verdict.infected != answer.ends_with(" FOUND") || (!verdict.infected && answer != "stream: OK")) std::abort();
    if (!std::ranges::all_of(verdict.virus, [](char c) { return c >= 0x20 && c <= 0x7E; })) std::abort();
    return 0;
  }
  return 0;
}
