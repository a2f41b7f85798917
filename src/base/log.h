// The log: one event for one outcome, fields rather than sentences, one line each on standard error as logfmt.
//
//   log::info("delivery", {{"campaign", 12}, {"outcome", "delivered"}});
//
// Never a mail's body, a password or a token. Thread-safe.
#pragma once
#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace todoku::base::log {

enum class Level { debug, info, warning, error, off };

/// name=value; text is quoted and escaped where it has to be, so a peer's bytes cannot forge a line.
struct Field {
  std::string_view name;
  std::string value;

  Field(std::string_view n, std::string_view text) : name(n), value(text) {}
  Field(std::string_view n, const char* text) : name(n), value(text) {}
  Field(std::string_view n, const std::string& text) : name(n), value(text) {}
  template <class Number>
    requires std::integral<Number> || std::floating_point<Number>
  Field(std::string_view n, Number number) : name(n), value(std::to_string(number)) {}
};
using Fields = std::initializer_list<Field>;

void set_level(Level level);
void debug(std::string_view event, Fields fields);
void info(std::string_view event, Fields fields);
void warning(std::string_view event, Fields fields);
void error(std::string_view event, Fields fields);

/// The line that an event becomes, without time and level.
[[nodiscard]] std::string format(std::string_view event, Fields fields);

}  // namespace todoku::base::log
