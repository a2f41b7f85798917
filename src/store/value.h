// A parameter of a statement. Views: the bytes must live until the call returns.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/id.h"

namespace todoku::store {

struct Null {};

/// Binary content (bytea / BLOB), as against text.
struct Bytes {
  std::string_view data;
};

/// Many integers as one parameter, for `in (select ... )` through in_list(?n), see Connection.
struct Integers {
  std::span<const std::int64_t> values;
};

class Value {
 public:
  using State = std::variant<Null, std::int64_t, double, std::string_view, Bytes, Integers>;

  Value(Null) {}                                                      // NOLINT
  Value(std::int64_t n) : state_(n) {}                                // NOLINT
  Value(int n) : state_(static_cast<std::int64_t>(n)) {}              // NOLINT
  Value(bool b) : state_(static_cast<std::int64_t>(b)) {}             // NOLINT
  Value(double d) : state_(d) {}                                      // NOLINT
  Value(std::string_view text) : state_(text) {}                      // NOLINT
  Value(const std::string& text) : state_(std::string_view(text)) {}  // NOLINT
  Value(const char* text) : state_(std::string_view(text)) {}         // NOLINT
  Value(Bytes bytes) : state_(bytes) {}                               // NOLINT
  Value(Integers integers) : state_(integers) {}                      // NOLINT
  Value(base::Time t) : state_(base::to_stored(t)) {}                 // NOLINT
  template <class Tag>
  Value(base::Id<Tag> id) : state_(id.value) {}  // NOLINT
  template <class T>
  Value(const std::optional<T>& maybe) {  // NOLINT
    if (maybe) *this = Value(*maybe);
  }

  [[nodiscard]] const State& state() const { return state_; }

 private:
  State state_ = Null{};
};

}  // namespace todoku::store
