// Expected failures as values.
//
// A function that can fail for a reason its caller must deal with returns Result<T>: a T, or an Error that says what is
// wrong, where, and what to do about it. Loss of infrastructure (the database is gone, memory is full) is an exception
// instead, caught at the border of a session, a job or main.
#pragma once
#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace todoku::base {

enum class ErrorCode : std::uint8_t {
  invalid,      // the input breaks a rule; the message says where
  not_found,    // what was named does not exist
  exists,       // what should be new is there already
  limit,        // a size, depth, count or time limit was reached
  refused,      // the other side, or a right, says no
  unavailable,  // try again later
  io,           // a file or a socket failed
};

/// Where, what and what to do, each a text for people. `where` may be empty ("readers.csv:12:3").
struct Error {
  ErrorCode code = ErrorCode::invalid;
  std::string message;
  std::string hint;
  std::string where;

  /// "where: message (hint)" with the empty parts left out.
  [[nodiscard]] std::string text() const;
};

/// A T or an Error. Test it before use; value() of a failed result is a programmer's mistake.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return assert(ok()), *std::get_if<0>(&state_); }
  const T& value() const& { return assert(ok()), *std::get_if<0>(&state_); }
  T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const& { return assert(!ok()), *std::get_if<1>(&state_); }
  [[nodiscard]] Error&& error() && { return assert(!ok()), std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or an Error: `return base::done;`.
struct Done {};
inline constexpr Done done{};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result(Done) {}                                                   // NOLINT(google-explicit-constructor)
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const& { return assert(failed_), error_; }
  [[nodiscard]] Error&& error() && { return assert(failed_), std::move(error_); }

 private:
  bool failed_ = false;
  Error error_;
};

}  // namespace todoku::base
