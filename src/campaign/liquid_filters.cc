#include "campaign/liquid_filters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "base/ascii.h"
#include "mail/html_escape.h"
#include "mail/utf8.h"

namespace todoku::campaign::liquid {
namespace {

using Arguments = std::span<const Value>;

/// The value as text: its own where it is text, else made in the arena.
std::string_view text_of(FilterContext& context, const Value& value) {
  if (const auto* const text = value.get<std::string_view>()) return *text;
  if (value.nil()) return {};
  std::string& made = context.arena.text();
  append_text(made, value);
  context.arena.charge(made.size());
  return made;
}

std::string_view keep(FilterContext& context, std::string text) {
  context.arena.charge(text.size());
  std::string& kept = context.arena.text();
  kept = std::move(text);
  return kept;
}

Value with_default(FilterContext&, const Value& input, Arguments arguments) {
  return input.truthy() ? input : arguments[0];
}

template <char (*change)(char)>
Value by_letter(FilterContext& context, const Value& input, Arguments) {
  std::string text(text_of(context, input));
  std::ranges::transform(text, text.begin(), change);
  return keep(context, std::move(text));
}
char up(char c) { return base::ascii_upper(c); }
char down(char c) { return base::ascii_lower(c); }

Value capitalize(FilterContext& context, const Value& input, Arguments) {
  std::string text = base::ascii_lower(text_of(context, input));
  if (!text.empty()) text[0] = base::ascii_upper(text[0]);
  return keep(context, std::move(text));
}

/// Blanks at an end, the ideographic one too.
std::string_view strip_left(std::string_view text) {
  while (true) {
    if (!text.empty() && base::ascii_space(text.front())) {
      text.remove_prefix(1);
    } else if (text.starts_with("\u3000")) {
      text.remove_prefix(3);
    } else {
      return text;
    }
  }
}
std::string_view strip_right(std::string_view text) {
  while (true) {
    if (!text.empty() && base::ascii_space(text.back())) {
      text.remove_suffix(1);
    } else if (text.ends_with("\u3000")) {
      text.remove_suffix(3);
    } else {
      return text;
    }
  }
}
Value strip(FilterContext& context, const Value& input, Arguments) {
  return strip_right(strip_left(text_of(context, input)));
}
Value lstrip(FilterContext& context, const Value& input, Arguments) { return strip_left(text_of(context, input)); }
Value rstrip(FilterContext& context, const Value& input, Arguments) { return strip_right(text_of(context, input)); }

std::string_view characters(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; at < text.size() && n > 0; --n) {
    at += std::min(mail::utf8_sequence_length(static_cast<unsigned char>(text[at])), text.size() - at);
  }
  return text.substr(0, at);
}

/// So many characters at most, the ellipsis among them.
Value truncate(FilterContext& context, const Value& input, Arguments arguments) {
  const std::string_view text = text_of(context, input);
  const std::string_view mark = arguments.size() > 1 ? text_of(context, arguments[1]) : "...";
  const auto most = static_cast<std::size_t>(
      std::clamp<std::int64_t>(arguments.empty() ? 50 : as_integer(arguments[0], 50), 0, 1'000'000));
  if (mail::utf8_count(text) <= most) return text;
  const std::size_t mark_size = mail::utf8_count(mark);
  std::string cut(characters(text, most > mark_size ? most - mark_size : 0));
  cut += mark;
  return keep(context, std::move(cut));
}

Value escape(FilterContext& context, const Value& input, Arguments) {
  if (input.is_html()) return input;
  std::string escaped;
  mail::append_html_escaped(escaped, text_of(context, input));
  return Value::html(keep(context, std::move(escaped)));
}

Value raw(FilterContext& context, const Value& input, Arguments) { return Value::html(text_of(context, input)); }

Value newline_to_br(FilterContext& context, const Value& input, Arguments) {
  const std::string_view text = *escape(context, input, {}).get<std::string_view>();
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n' || text[i] == '\r') {
      out += "<br>\n";
    } else {
      out += text[i];
    }
  }
  return Value::html(keep(context, std::move(out)));
}

/// What replacing would need is known before it is done: text that grows without bound is refused, not made.
Value replaced(FilterContext& context, const Value& input, Arguments arguments, bool first_only) {
  std::string_view text = text_of(context, input);
  const std::string_view from = text_of(context, arguments[0]);
  const std::string_view to = arguments.size() > 1 ? text_of(context, arguments[1]) : std::string_view();
  if (from.empty()) return text;
  std::string out;
  while (true) {
    const std::size_t at = text.find(from);
    if (at == text.npos) break;
    out += text.substr(0, at);
    out += to;
    text.remove_prefix(at + from.size());
    if (first_only) break;
    if (out.size() > context.arena.left()) {
      context.arena.charge(out.size());
      return {};
    }
  }
  out += text;
  return keep(context, std::move(out));
}
Value replace(FilterContext& context, const Value& input, Arguments arguments) {
  return replaced(context, input, arguments, false);
}
Value replace_first(FilterContext& context, const Value& input, Arguments arguments) {
  return replaced(context, input, arguments, true);
}

Value joined(FilterContext& context, std::string_view a, std::string_view b) {
  if (a.size() + b.size() > context.arena.left()) {
    context.arena.charge(a.size() + b.size());
    return {};
  }
  std::string out;
  out.reserve(a.size() + b.size());
  out.append(a).append(b);
  return keep(context, std::move(out));
}
Value append(FilterContext& context, const Value& input, Arguments arguments) {
  return joined(context, text_of(context, input), text_of(context, arguments[0]));
}
Value prepend(FilterContext& context, const Value& input, Arguments arguments) {
  return joined(context, text_of(context, arguments[0]), text_of(context, input));
}

Value size(FilterContext&, const Value& input, Arguments) {
  const Value n = input.member("size");
  return n.nil() ? Value(std::int64_t{0}) : n;
}

Value first(FilterContext&, const Value& input, Arguments) {
  if (const auto* const text = input.get<std::string_view>()) return characters(*text, 1);
  return input.item(0);
}

Value last(FilterContext&, const Value& input, Arguments) {
  const auto* const text = input.get<std::string_view>();
  if (text == nullptr) return input.item(-1);
  std::size_t at = text->size();
  while (at > 0 && mail::utf8_continuation((*text)[--at])) {
  }
  return text->substr(at);
}

Value split(FilterContext& context, const Value& input, Arguments arguments) {
  std::string_view text = text_of(context, input);
  const std::string_view separator = text_of(context, arguments[0]);
  Array& parts = context.arena.array();
  while (!text.empty() && !context.arena.exhausted()) {
    std::size_t end = separator.empty() ? characters(text, 1).size() : text.find(separator);
    end = std::min(end, text.size());
    parts.emplace_back(text.substr(0, end));
    context.arena.charge(sizeof(Value));
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
  return static_cast<const Array*>(&parts);
}

Value join(FilterContext& context, const Value& input, Arguments arguments) {
  const auto* const array = input.get<const Array*>();
  if (array == nullptr) return input;
  const std::string_view separator = arguments.empty() ? " " : text_of(context, arguments[0]);
  std::string out;
  for (const Value& item : **array) {
    if (&item != &(*array)->front()) out += separator;
    append_text(out, item);
    if (out.size() > context.arena.left()) break;
  }
  return keep(context, std::move(out));
}

/// Whole numbers stay whole; what does not fit becomes real, and nil where that does not either.
template <class Whole, class Real>
Value arithmetic(const Value& a, const Value& b, Whole whole, Real real) {
  const Value x = as_number(a);
  const Value y = as_number(b);
  if (x.nil() || y.nil()) return {};
  const auto* const m = x.get<std::int64_t>();
  const auto* const n = y.get<std::int64_t>();
  if (m != nullptr && n != nullptr) {
    if (const std::optional<std::int64_t> result = whole(*m, *n)) return *result;
  }
  const double p = m != nullptr ? static_cast<double>(*m) : *x.get<double>();
  const double q = n != nullptr ? static_cast<double>(*n) : *y.get<double>();
  const double result = real(p, q);
  return std::isfinite(result) ? Value(result) : Value();
}

using Whole = std::optional<std::int64_t>;

template <bool (*overflows)(std::int64_t, std::int64_t, std::int64_t*), double (*real)(double, double)>
Value calculate(FilterContext&, const Value& input, Arguments arguments) {
  return arithmetic(
      input.nil() ? Value(std::int64_t{0}) : input, arguments[0],
      [](std::int64_t a, std::int64_t b) -> Whole {
        std::int64_t result = 0;
        if (overflows(a, b, &result)) return std::nullopt;
        return result;
      },
      real);
}
bool add(std::int64_t a, std::int64_t b, std::int64_t* r) { return __builtin_add_overflow(a, b, r); }
bool subtract(std::int64_t a, std::int64_t b, std::int64_t* r) { return __builtin_sub_overflow(a, b, r); }
bool multiply(std::int64_t a, std::int64_t b, std::int64_t* r) { return __builtin_mul_overflow(a, b, r); }
double add_real(double a, double b) { return a + b; }
double subtract_real(double a, double b) { return a - b; }
double multiply_real(double a, double b) { return a * b; }

/// Division of whole numbers rounds down (7 by 2 is 3), as Liquid has it; by zero it is nil.
bool divide(std::int64_t a, std::int64_t b, std::int64_t* r) {
  if (b == 0 || (b == -1 && a == std::numeric_limits<std::int64_t>::min())) return true;
  *r = a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
  return false;
}
double divide_real(double a, double b) { return b == 0 ? std::numeric_limits<double>::quiet_NaN() : a / b; }
bool remainder(std::int64_t a, std::int64_t b, std::int64_t* r) {
  if (b == 0 || b == -1) return b == 0 || (*r = 0, false);
  *r = a % b;
  if (*r != 0 && (*r < 0) != (b < 0)) *r += b;
  return false;
}
double remainder_real(double a, double b) {
  return b == 0 ? std::numeric_limits<double>::quiet_NaN() : a - b * std::floor(a / b);
}

Value round(FilterContext&, const Value& input, Arguments arguments) {
  const Value number = as_number(input);
  if (number.nil() || number.get<std::int64_t>() != nullptr) return number;
  const auto digits = std::clamp<std::int64_t>(arguments.empty() ? 0 : as_integer(arguments[0], 0), 0, 12);
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double rounded = std::round(*number.get<double>() * scale) / scale;
  if (!std::isfinite(rounded)) return number;
  return digits == 0 && std::abs(rounded) < 9e18 ? Value(static_cast<std::int64_t>(rounded)) : Value(rounded);
}

Value url_encode(FilterContext& context, const Value& input, Arguments) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text_of(context, input)) {
    if (base::ascii_alpha(c) || base::ascii_digit(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    }
  }
  return keep(context, std::move(out));
}

Value date(FilterContext& context, const Value& input, Arguments arguments) {
  return format_date(context, input, text_of(context, arguments[0]));
}

constexpr auto kFilters = std::to_array<Filter>({{"append", 1, 1, append},
                                                 {"capitalize", 0, 0, capitalize},
                                                 {"date", 1, 1, date},
                                                 {"default", 1, 1, with_default},
                                                 {"divided_by", 1, 1, calculate<divide, divide_real>},
                                                 {"downcase", 0, 0, by_letter<down>},
                                                 {"escape", 0, 0, escape},
                                                 {"first", 0, 0, first},
                                                 {"join", 0, 1, join},
                                                 {"last", 0, 0, last},
                                                 {"lstrip", 0, 0, lstrip},
                                                 {"minus", 1, 1, calculate<subtract, subtract_real>},
                                                 {"modulo", 1, 1, calculate<remainder, remainder_real>},
                                                 {"newline_to_br", 0, 0, newline_to_br},
                                                 {"plus", 1, 1, calculate<add, add_real>},
                                                 {"prepend", 1, 1, prepend},
                                                 {"raw", 0, 0, raw},
                                                 {"remove", 1, 1, replace},
                                                 {"replace", 1, 2, replace},
                                                 {"replace_first", 1, 2, replace_first},
                                                 {"round", 0, 1, round},
                                                 {"rstrip", 0, 0, rstrip},
                                                 {"size", 0, 0, size},
                                                 {"split", 1, 1, split},
                                                 {"strip", 0, 0, strip},
                                                 {"times", 1, 1, calculate<multiply, multiply_real>},
                                                 {"truncate", 0, 2, truncate},
                                                 {"upcase", 0, 0, by_letter<up>},
                                                 {"url_encode", 0, 0, url_encode}});

}  // namespace

std::span<const Filter> filters() { return kFilters; }

const Filter* find_filter(std::string_view name) {
  const auto* const found = std::ranges::find(kFilters, name, &Filter::name);
  return found == kFilters.end() ? nullptr : found;
}

}  // namespace todoku::campaign::liquid
