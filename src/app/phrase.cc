#include "app/phrase.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "mail/utf8.h"

namespace todoku::app {
namespace {

std::string formatted(const char* format, const std::tm& parts) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

std::time_t seconds(base::Time time) {
  return static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace

std::string grouped(std::int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return (number < 0 ? "-" : "") + digits;
}

std::string one_line(std::string_view foreign) {
  std::string out = mail::is_utf8(foreign) ? std::string(foreign) : mail::utf8_scrub(foreign);
  std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "–";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string local_time(base::Time time) {
  const std::time_t at = seconds(time);
  std::tm parts{};
  ::localtime_r(&at, &parts);
  return formatted("%Y-%m-%d %H:%M:%S %Z", parts);
}

std::string utc_time(base::Time time) {
  const std::time_t at = seconds(time);
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  return formatted("%Y-%m-%dT%H:%M:%SZ", parts);
}

}  // namespace todoku::app
