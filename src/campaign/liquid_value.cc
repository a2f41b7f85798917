#include "campaign/liquid_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>

#include "base/ascii.h"
#include "mail/utf8.h"

namespace todoku::campaign::liquid {
namespace {

bool without_letters(std::string_view text) {
  while (!text.empty()) {
    if (base::ascii_space(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with("\u3000")) {
      text.remove_prefix(3);
    } else {
      return false;
    }
  }
  return true;
}

Value number_in(std::string_view text) {
  text = base::trim(text);
  if (text.empty()) return {};
  std::int64_t whole = 0;
  auto [end, error] = std::from_chars(text.begin(), text.end(), whole);
  if (error == std::errc{} && end == text.end()) return whole;
  double real = 0;
  const auto parsed = std::from_chars(text.begin(), text.end(), real, std::chars_format::fixed);
  if (parsed.ec == std::errc{} && parsed.ptr == text.end() && std::isfinite(real)) return real;
  return {};
}

double real_of(const Value& number) {
  if (const auto* const n = number.get<std::int64_t>()) return static_cast<double>(*n);
  return *number.get<double>();
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  const auto* const x = a.get<std::int64_t>();
  const auto* const y = b.get<std::int64_t>();
  if (x != nullptr && y != nullptr) return *x <=> *y;
  return real_of(a) <=> real_of(b);
}

bool is_number(const Value& v) { return v.get<std::int64_t>() != nullptr || v.get<double>() != nullptr; }

/// Unordered where the two cannot be compared.
std::partial_ordering compare(const Value& left, const Value& right) {
  const auto* const a = left.get<std::string_view>();
  const auto* const b = right.get<std::string_view>();
  if (a != nullptr && b != nullptr) return *a <=> *b;
  if (is_number(left) || is_number(right)) {
    const Value x = as_number(left);
    const Value y = as_number(right);
    if (!x.nil() && !y.nil()) return compare_numbers(x, y);
  }
  return std::partial_ordering::unordered;
}

bool equal(const Value& left, const Value& right) {
  if (left.get<Word>() != nullptr) return right.empty();
  if (right.get<Word>() != nullptr) return left.empty();
  if (left.nil() || right.nil()) {
    const Value& other = left.nil() ? right : left;
    const auto* const text = other.get<std::string_view>();
    return other.nil() || (text != nullptr && text->empty());
  }
  const auto* const a = left.get<bool>();
  const auto* const b = right.get<bool>();
  if (a != nullptr && b != nullptr) return *a == *b;
  const auto* const x = left.get<const Array*>();
  const auto* const y = right.get<const Array*>();
  if (x != nullptr && y != nullptr) {
    return *x == *y || std::ranges::equal(**x, **y, [](const Value& p, const Value& q) {
      return p.get<const Array*>() == nullptr && equal(p, q);
    });
  }
  return compare(left, right) == std::partial_ordering::equivalent;
}

bool contains(const Value& left, const Value& right) {
  if (const auto* const array = left.get<const Array*>()) {
    return std::ranges::any_of(**array, [&](const Value& item) { return equal(item, right); });
  }
  const auto* const text = left.get<std::string_view>();
  if (text == nullptr || right.nil()) return false;
  if (const auto* const part = right.get<std::string_view>()) return text->find(*part) != text->npos;
  std::string part;
  append_text(part, right);
  return text->find(part) != text->npos;
}

Value size_of(const Value& value) {
  if (const auto* const text = value.get<std::string_view>()) return static_cast<std::int64_t>(mail::utf8_count(*text));
  if (const auto* const array = value.get<const Array*>()) return static_cast<std::int64_t>((*array)->size());
  return {};
}

}  // namespace

Value Value::html(std::string_view text) {
  Value value(text);
  value.html_ = true;
  return value;
}

bool Value::truthy() const {
  if (nil()) return false;
  if (const auto* const b = get<bool>()) return *b;
  if (const auto* const text = get<std::string_view>()) return !without_letters(*text);
  return true;
}

bool Value::empty() const {
  if (nil()) return true;
  if (const auto* const text = get<std::string_view>()) return without_letters(*text);
  if (const auto* const array = get<const Array*>()) return (*array)->empty();
  if (const auto* const object = get<const Object*>()) return (*object)->empty();
  if (const auto* const b = get<bool>()) return !*b;
  return false;
}

Value Value::member(std::string_view name) const {
  if (const auto* const object = get<const Object*>()) {
    const auto found = std::ranges::find(**object, name, &Member::name);
    return found == (*object)->end() ? Value() : found->value;
  }
  if (name == "size") return size_of(*this);
  if (name == "first") return item(0);
  if (name == "last") return item(-1);
  return {};
}

Value Value::item(std::int64_t index) const {
  const auto* const array = get<const Array*>();
  if (array == nullptr) return {};
  const auto size = static_cast<std::int64_t>((*array)->size());
  if (index < 0) index += size;
  return index < 0 || index >= size ? Value() : (**array)[static_cast<std::size_t>(index)];
}

Value as_number(const Value& value) {
  if (is_number(value)) return value;
  if (const auto* const text = value.get<std::string_view>()) return number_in(*text);
  return {};
}

std::int64_t as_integer(const Value& value, std::int64_t otherwise) {
  const Value number = as_number(value);
  if (const auto* const n = number.get<std::int64_t>()) return *n;
  if (const auto* const r = number.get<double>()) {
    return std::abs(*r) < 9e18 ? static_cast<std::int64_t>(*r) : otherwise;
  }
  return otherwise;
}

void append_text(std::string& out, const Value& value) {
  if (const auto* const text = value.get<std::string_view>()) {
    out += *text;
  } else if (const auto* const n = value.get<std::int64_t>()) {
    fmt::format_to(std::back_inserter(out), "{}", *n);
  } else if (const auto* const real = value.get<double>()) {
    fmt::format_to(std::back_inserter(out), "{}", *real);
  } else if (const auto* const b = value.get<bool>()) {
    out += *b ? "true" : "false";
  } else if (const auto* const array = value.get<const Array*>()) {
    for (const Value& item : **array) append_text(out, item);
  }
}

bool holds(const Value& left, Relation relation, const Value& right) {
  switch (relation) {
    case Relation::truthy:
      return left.truthy();
    case Relation::equal:
      return equal(left, right);
    case Relation::unequal:
      return !equal(left, right);
    case Relation::less:
      return compare(left, right) < 0;
    case Relation::greater:
      return compare(left, right) > 0;
    case Relation::at_most:
      return compare(left, right) <= 0;
    case Relation::at_least:
      return compare(left, right) >= 0;
    case Relation::contains:
      return contains(left, right);
  }
  return false;
}

std::string& Arena::text() {
  if (texts_used_ == texts_.size()) texts_.emplace_back();
  std::string& text = texts_[texts_used_++];
  text.clear();
  used_ += sizeof text;
  return text;
}

Array& Arena::array() {
  if (arrays_used_ == arrays_.size()) arrays_.emplace_back();
  Array& array = arrays_[arrays_used_++];
  array.clear();
  used_ += sizeof array;
  return array;
}

void Arena::start(std::size_t most) {
  most_ = most;
  texts_used_ = 0;
  arrays_used_ = 0;
  used_ = 0;
}

}  // namespace todoku::campaign::liquid
