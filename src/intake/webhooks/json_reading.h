// Reading of relays' JSON: lenient about what is missing or of another type, strict about size and depth.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace todoku::intake::webhooks {

inline constexpr std::size_t kMostEvents = 20'000;  // in one post

/// At most 32 levels deep. Errors: `invalid`.
[[nodiscard]] base::Result<boost::json::value> parse_payload(std::string_view payload);

/// The values of an array, or the one value itself, as relays post several events or one. Errors: `limit`.
[[nodiscard]] base::Result<std::vector<const boost::json::value*>> values_of(const boost::json::value& payload);

/// Null where there is none of this name, or no object.
[[nodiscard]] const boost::json::object* object_in(const boost::json::object& in, std::string_view name);

/// The objects of an array; none where there is no such array. At most kMostEvents.
[[nodiscard]] std::vector<const boost::json::object*> objects_in(const boost::json::object& in, std::string_view name);

/// A text, or a number as one; empty where there is none. Without NUL, at most 16 KiB.
[[nodiscard]] std::string text_in(const boost::json::object& in, std::string_view name);

/// That of the first of the names which is not empty.
[[nodiscard]] std::string first_text_in(const boost::json::object& in, std::initializer_list<std::string_view> names);

/// The text of a name, or the texts of an array joined by ", ".
[[nodiscard]] std::string texts_in(const boost::json::object& in, std::string_view name);

/// Seconds since 1970 as a number or digits, or RFC 3339 ("2026-11-24T15:00:00.123Z", a blank for the T, an offset or
/// none). Nothing for what is none of these.
[[nodiscard]] std::optional<base::Time> time_in(const boost::json::object& in, std::string_view name);
[[nodiscard]] std::optional<base::Time> parse_time(std::string_view text);

/// "<a@b>" → "a@b".
[[nodiscard]] std::string without_brackets(std::string_view text);

}  // namespace todoku::intake::webhooks
