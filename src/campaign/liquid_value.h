// What the names of a template stand for: values, small enough to copy, that borrow their text from the caller's data
// or from an Arena and never own it.
//
// Departures from Shopify's Liquid, all of them what an author of mails means: text without letters (empty, or blanks
// only) counts as false and as `empty` and `blank`, and nil equals ""; text that is a number compares as one with
// numbers.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace todoku::campaign::liquid {

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;

/// The words `empty` and `blank`, which only comparisons know.
enum class Word : std::uint8_t { empty, blank };

class Value {
 public:
  using Content =
      std::variant<std::monostate, bool, std::int64_t, double, std::string_view, const Array*, const Object*, Word>;

  Value() = default;
  Value(bool b) : content_(b) {}                                 // NOLINT(google-explicit-constructor)
  Value(std::int64_t n) : content_(n) {}                         // NOLINT(google-explicit-constructor)
  Value(double n) : content_(n) {}                               // NOLINT(google-explicit-constructor)
  Value(std::string_view text) : content_(text) {}               // NOLINT(google-explicit-constructor)
  Value(const char* text) : content_(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  Value(const Array* array) : content_(array) {}                 // NOLINT(google-explicit-constructor)
  Value(const Object* object) : content_(object) {}              // NOLINT(google-explicit-constructor)
  Value(Word word) : content_(word) {}                           // NOLINT(google-explicit-constructor)
  /// Text that is HTML already and is not escaped on output.
  [[nodiscard]] static Value html(std::string_view text);

  [[nodiscard]] bool nil() const { return content_.index() == 0; }
  [[nodiscard]] bool is_html() const { return html_; }
  template <class T>
  [[nodiscard]] const T* get() const {
    return std::get_if<T>(&content_);
  }

  /// False for nil, false, and text without letters.
  [[nodiscard]] bool truthy() const;
  /// Nil, or without letters, items or members.
  [[nodiscard]] bool empty() const;

  /// A member by name, also size, first and last of text and arrays. Nil where there is none.
  [[nodiscard]] Value member(std::string_view name) const;
  /// An item of an array; negative from the end.
  [[nodiscard]] Value item(std::int64_t index) const;

 private:
  Content content_;
  bool html_ = false;
};

struct Member {
  std::string_view name;
  Value value;
};

/// A number, or text that is one; else nil.
[[nodiscard]] Value as_number(const Value& value);
/// The same as a whole number; `otherwise` where it is none.
[[nodiscard]] std::int64_t as_integer(const Value& value, std::int64_t otherwise);
/// Appends what the value looks like in a mail.
void append_text(std::string& out, const Value& value);

enum class Relation : std::uint8_t { truthy, equal, unequal, less, greater, at_most, at_least, contains };
[[nodiscard]] bool holds(const Value& left, Relation relation, const Value& right);

/// Keeps the texts and arrays that filters make until the mail is done; memory is used again for the next.
class Arena {
 public:
  std::string& text();
  Array& array();
  /// Forgets everything; from now on so many bytes at most.
  void start(std::size_t most);
  /// Bytes kept so far, near enough; the limit that rendering checks. Large ones end the rendering.
  void charge(std::size_t bytes) { used_ += bytes; }
  [[nodiscard]] bool exhausted() const { return used_ > most_; }
  [[nodiscard]] std::size_t left() const { return used_ > most_ ? 0 : most_ - used_; }

 private:
  std::deque<std::string> texts_;
  std::deque<Array> arrays_;
  std::size_t texts_used_ = 0;
  std::size_t arrays_used_ = 0;
  std::size_t used_ = 0;
  std::size_t most_ = 0;
};

}  // namespace todoku::campaign::liquid
