#include "scan/clamd_exchange.h"

#include <algorithm>

namespace todoku::scan {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::string_view kBegin{"zINSTREAM\0", 10};
constexpr std::size_t kChunk = std::size_t{128} << 10;
constexpr std::size_t kLongestAnswer = 4096;
constexpr std::string_view kStream = "stream: ";
constexpr std::string_view kFound = " FOUND";

std::string length_of(std::size_t size) {
  std::string bytes(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) bytes[3 - i] = static_cast<char>(size >> (8 * i) & 0xFF);
  return bytes;
}

/// The name goes to terminals and logs.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, 200));
  std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  return out;
}

base::Result<Verdict> read_answer(std::string_view answer) {
  if (answer == "stream: OK") return Verdict{};
  if (answer.starts_with(kStream) && answer.ends_with(kFound) && answer.size() > kStream.size() + kFound.size()) {
    answer.remove_prefix(kStream.size());
    answer.remove_suffix(kFound.size());
    return Verdict{true, printable(answer)};
  }
  if (answer.find("size limit exceeded") != answer.npos) {
    return Error{ErrorCode::limit, "it is larger than clamd takes", "raise StreamMaxLength in clamd.conf", ""};
  }
  if (answer.ends_with("ERROR")) {
    return Error{ErrorCode::unavailable, "clamd cannot scan it: " + printable(answer), "see clamd's log", ""};
  }
  return Error{ErrorCode::invalid, "what answers is not clamd: " + printable(answer), "check clamd.address", ""};
}

}  // namespace

ClamdExchange::ClamdExchange(std::string_view content) : content_(content), head_(kBegin) {}

std::array<std::string_view, 2> ClamdExchange::output() const { return {head_, body_}; }

void ClamdExchange::sent(std::size_t bytes) {
  const std::size_t of_head = std::min(bytes, head_.size());
  head_.erase(0, of_head);
  body_.remove_prefix(std::min(bytes - of_head, body_.size()));
  if (head_.empty() && body_.empty()) next_chunk();
}

void ClamdExchange::next_chunk() {
  if (ended_) return;
  body_ = content_.substr(0, kChunk);
  content_.remove_prefix(body_.size());
  head_ = length_of(body_.size());
  ended_ = body_.empty();
}

base::Result<bool> ClamdExchange::received(std::string_view bytes) {
  const std::size_t end = bytes.find('\0');
  answer_ += bytes.substr(0, std::min(end, kLongestAnswer + 1));
  if (answer_.size() > kLongestAnswer) {
    return Error{ErrorCode::invalid, "what answers is not clamd: it does not stop", "check clamd.address", ""};
  }
  if (end == bytes.npos) return false;
  auto verdict = read_answer(answer_);
  if (!verdict) return std::move(verdict).error();
  verdict_ = *std::move(verdict);
  return true;
}

}  // namespace todoku::scan
