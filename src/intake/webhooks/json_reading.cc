#include "intake/webhooks/json_reading.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/ascii.h"

namespace todoku::intake::webhooks {
namespace {

namespace json = boost::json;
using base::Error;
using base::ErrorCode;

constexpr std::size_t kDepth = 32;
constexpr std::size_t kLongestText = 16UL * 1024;
constexpr double kLatestSecond = 1e11;   // beyond every date that makes sense
constexpr std::size_t kSecondsEnd = 19;  // of "2026-11-24T15:00:00"

/// Cuts at a character's beginning.
std::string cleaned(std::string_view text) {
  std::size_t end = std::min(text.size(), kLongestText);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  std::string out(text.substr(0, end));
  std::erase(out, '\0');
  return out;
}

std::string text_of(const json::value& value) {
  if (const auto* text = value.if_string()) return cleaned(*text);
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  return {};
}

std::optional<base::Time> time_of_seconds(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > kLatestSecond) return std::nullopt;
  return base::from_stored(static_cast<std::int64_t>(seconds * 1000));
}

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Minutes of "Z", "+09:00", "-0500"; an empty one is UTC.
std::optional<int> offset_of(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return 0;
  const bool behind = text.front() == '-';
  if (!behind && text.front() != '+') return std::nullopt;
  text.remove_prefix(1);
  const bool colon = text.size() == 5 && text[2] == ':';
  if (text.size() != 4 && !colon) return std::nullopt;
  const auto hours = number_of<unsigned>(text.substr(0, 2));
  const auto minutes = number_of<unsigned>(text.substr(text.size() - 2));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int offset = static_cast<int>(*hours * 60 + *minutes);
  return behind ? -offset : offset;
}

/// Takes ".907" off the front.
int take_milliseconds(std::string_view& rest) {
  if (rest.empty() || rest.front() != '.') return 0;
  rest.remove_prefix(1);
  int milliseconds = 0;
  for (int scale = 100; !rest.empty() && base::ascii_digit(rest.front()); scale /= 10) {
    milliseconds += (rest.front() - '0') * scale;
    rest.remove_prefix(1);
  }
  return milliseconds;
}

}  // namespace

base::Result<json::value> parse_payload(std::string_view payload) {
  json::parse_options options;
  options.max_depth = kDepth;
  json::error_code failed;
  json::value value = json::parse(payload, failed, {}, options);
  if (failed) {
    return Error{ErrorCode::invalid, "the body is no JSON: " + failed.message(),
                 "let the relay post its events as JSON in UTF-8", ""};
  }
  return value;
}

base::Result<std::vector<const json::value*>> values_of(const json::value& payload) {
  const json::array* array = payload.if_array();
  if (array == nullptr) return std::vector{&payload};
  if (array->size() > kMostEvents) {
    return Error{ErrorCode::limit, "more than " + std::to_string(kMostEvents) + " events at once",
                 "let the relay post smaller batches", ""};
  }
  std::vector<const json::value*> values;
  for (const json::value& value : *array) values.push_back(&value);
  return values;
}

const json::object* object_in(const json::object& in, std::string_view name) {
  const json::value* value = in.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

std::vector<const json::object*> objects_in(const json::object& in, std::string_view name) {
  std::vector<const json::object*> objects;
  const json::value* value = in.if_contains(name);
  const json::array* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return objects;
  for (const json::value& element : *array) {
    if (element.is_object() && objects.size() < kMostEvents) objects.push_back(&element.get_object());
  }
  return objects;
}

std::string text_in(const json::object& in, std::string_view name) {
  const json::value* value = in.if_contains(name);
  return value == nullptr ? std::string() : text_of(*value);
}

std::string first_text_in(const json::object& in, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (std::string text = text_in(in, name); !text.empty()) return text;
  }
  return {};
}

std::string texts_in(const json::object& in, std::string_view name) {
  const json::value* value = in.if_contains(name);
  const json::array* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return text_in(in, name);
  std::string joined;
  for (const json::value& element : *array) {
    const std::string text = text_of(element);
    if (text.empty() || joined.size() + text.size() > kLongestText) continue;
    if (!joined.empty()) joined += ", ";
    joined += text;
  }
  return joined;
}

std::optional<base::Time> time_in(const json::object& in, std::string_view name) {
  const json::value* value = in.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* number = value->if_double()) return time_of_seconds(*number);
  const std::string text = text_of(*value);
  return parse_time(text);
}

std::optional<base::Time> parse_time(std::string_view text) {
  if (const auto seconds = number_of<double>(text)) return time_of_seconds(*seconds);
  if (text.size() < kSecondsEnd || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const auto number = [text](std::size_t from, std::size_t length) {
    return number_of<unsigned>(text.substr(from, length)).value_or(9999);
  };
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(number(0, 4))),
                                         std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2))};
  const unsigned hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  std::string_view rest = text.substr(kSecondsEnd);
  const int milliseconds = take_milliseconds(rest);
  const auto offset = offset_of(rest);
  if (!offset) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(milliseconds) - std::chrono::minutes(*offset);
}

std::string without_brackets(std::string_view text) {
  const std::string_view trimmed = base::trim(text);
  if (trimmed.size() >= 2 && trimmed.front() == '<' && trimmed.back() == '>')
    return std::string(trimmed.substr(1, trimmed.size() - 2));
  return std::string(trimmed);
}

}  // namespace todoku::intake::webhooks
