// A client's bytes cut into pieces anywhere give the same requests as the whole, and no limit is passed. Only whether a
// header that never ends is called bad already, or waited for, may depend on the pieces.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/request_parser.h"

namespace {

using namespace todoku::http;
using State = RequestParser::State;

constexpr ParserLimits kLimits = {.header = 512, .fields = 8};
constexpr std::size_t kBody = 64;

/// False: the text ended, or was bad.
bool read_one(std::string& input, std::string_view& text, std::size_t piece, std::string& seen) {
  RequestParser parser(kLimits);
  while (parser.state() == State::header || parser.state() == State::body) {
    const State before = parser.state();
    const std::size_t took = parser.feed(input);
    if (took > input.size()) std::abort();
    input.erase(0, took);
    if (before == State::header && parser.state() == State::body) parser.limit_body(kBody);
    if (took > 0 || parser.state() != before) continue;
    if (text.empty()) return false;
    input += text.substr(0, piece);
    text.remove_prefix(std::min(piece, text.size()));
  }
  if (parser.state() == State::bad) {
    seen += "bad\n";  // which fault is seen first may depend on the pieces, too
    return false;
  }
  const Request& request = parser.request();
  if (request.body.size() > kBody || request.fields.size() > kLimits.fields) std::abort();
  seen += request.target + "\n";
  for (const std::string& segment : request.path) {
    if (segment == ".." || segment.find('\0') != std::string::npos) std::abort();
    seen += segment + "/";
  }
  for (const auto& [name, value] : request.fields) seen += name + ":" + value + "\n";
  seen += request.body + "\n";
  return true;
}

std::string play(std::string_view text, std::size_t piece) {
  std::string input, seen;
  while (read_one(input, text, piece, seen)) {
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = play(text, text.size() + 1);
  const std::string pieces = play(text, 1U + data[0] % 16);
  constexpr std::size_t kVerdict = 4;  // "bad\n"
  const bool same = whole == pieces || (whole.starts_with(pieces) && whole.size() == pieces.size() + kVerdict) ||
                    (pieces.starts_with(whole) && pieces.size() == whole.size() + kVerdict);
  if (!same) std::abort();
  return 0;
}
