// An SMTP server's bytes cut into pieces anywhere give the same replies as the whole, of bounded size.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "smtp/capabilities.h"
#include "smtp/reply_parser.h"

namespace {

using todoku::smtp::ReplyParser;

std::string read(std::string_view text, std::size_t piece) {
  ReplyParser parser;
  std::string seen;
  while (!text.empty()) {
    auto bytes = text.substr(0, piece);
    auto length = bytes.size();
    auto step = parser.parse(bytes);
    text.remove_prefix(length - bytes.size());
    if (step == ReplyParser::Step::broken) return seen + "broken";
    if (step == ReplyParser::Step::more) continue;
    const auto& reply = parser.reply();
    if (reply.code < 200 || reply.code > 599 || reply.lines.empty() || reply.lines.size() > ReplyParser::kLinesKept)
      std::abort();
    for (const auto& line : reply.lines)
      if (line.size() > ReplyParser::kLineKept) std::abort();
    seen += std::to_string(reply.code) + (reply.status ? reply.status->to_string() : "") + reply.text() + '\n';
    seen += todoku::smtp::Capabilities::parse(reply).greeting_name;
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read(text, 1 + data[0]) != read(text, text.size() + 1)) std::abort();
  return 0;
}
