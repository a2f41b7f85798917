#include "tracking/feedback_id.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ascii.h"

namespace todoku::tracking {
namespace {

constexpr std::string_view kName = "feedback-id:";
constexpr std::string_view kKind = ":newsletter:";
constexpr int kMostFields = 20;
constexpr std::size_t kLongestLine = 200;

/// "c12" → 12; `text` moves on behind it.
std::optional<std::int64_t> take_number(std::string_view& text, char mark) {
  if (!text.starts_with(mark)) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (problem != std::errc{} || number <= 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<FeedbackId> parse(std::string_view value) {
  const auto campaign = take_number(value, 'c');
  if (!campaign || !value.starts_with(':')) return std::nullopt;
  value.remove_prefix(1);
  const auto list = take_number(value, 'l');
  if (!list || !value.starts_with(kKind)) return std::nullopt;
  return FeedbackId{{*campaign}, {*list}};
}

}  // namespace

std::string feedback_id(FeedbackId id, std::string_view sender) {
  return fmt::format("c{}:l{}{}{}", id.campaign.value, id.list.value, kKind, sender);
}

std::optional<FeedbackId> find_feedback_id(std::string_view content) {
  int looked_at = 0;
  for (std::size_t at = 0; at < content.size() && looked_at < kMostFields;) {
    std::string_view line = content.substr(at, kLongestLine);
    while (line.starts_with('>') || line.starts_with(' ')) line.remove_prefix(1);
    if (base::istarts_with(line, kName)) {
      ++looked_at;
      const std::string_view value = line.substr(kName.size(), line.find_first_of("\r\n") - kName.size());
      if (const auto id = parse(base::trim(value))) return id;
    }
    at = content.find('\n', at);
    if (at != content.npos) ++at;
  }
  return std::nullopt;
}

}  // namespace todoku::tracking
