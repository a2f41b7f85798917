// Values as libpq takes them.
#pragma once
#include <libpq-fe.h>

#include <deque>
#include <span>
#include <string>
#include <vector>

#include "store/value.h"

namespace todoku::store::postgres {

/// Views into the values: they must outlive it. Throws Failure::statement for a text that cannot be stored.
class Parameters {
 public:
  explicit Parameters(std::span<const Value> values);

  [[nodiscard]] int count() const { return static_cast<int>(types_.size()); }
  [[nodiscard]] const Oid* types() const { return types_.data(); }
  [[nodiscard]] const char* const* data() const { return data_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  void add(Oid type, const char* data, std::size_t length, int format);
  void operator()(Null);
  void operator()(std::int64_t n);
  void operator()(double d);
  void operator()(std::string_view text);
  void operator()(Bytes bytes);
  void operator()(Integers list);
  friend struct Adder;

  std::vector<Oid> types_;
  std::vector<const char*> data_;
  std::vector<int> lengths_, formats_;
  std::deque<std::string> owned_;  // a deque keeps the addresses of what it holds
};

}  // namespace todoku::store::postgres
