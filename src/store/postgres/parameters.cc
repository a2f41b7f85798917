#include "store/postgres/parameters.h"

#include <fmt/format.h>

#include <bit>
#include <concepts>

#include "store/connection.h"
#include "store/utf8.h"

namespace todoku::store::postgres {
namespace {

// Object ids of the built-in types, fixed in PostgreSQL's pg_type.dat.
constexpr Oid kBytea = 17;
constexpr Oid kInt8 = 20;
constexpr Oid kFloat8 = 701;
constexpr Oid kInt8Array = 1016;
constexpr int kText = 0;
constexpr int kBinary = 1;

template <std::unsigned_integral T>
void append_big_endian(std::string& out, T n) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(n >> shift));
  }
}

}  // namespace

struct Adder {
  Parameters* to;
  template <class T>
  void operator()(T value) const {
    (*to)(value);
  }
};

Parameters::Parameters(std::span<const Value> values) {
  types_.reserve(values.size());
  data_.reserve(values.size());
  lengths_.reserve(values.size());
  formats_.reserve(values.size());
  for (const Value& value : values) std::visit(Adder{this}, value.state());
}

void Parameters::add(Oid type, const char* data, std::size_t length, int format) {
  types_.push_back(type);
  data_.push_back(data);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(format);
}

void Parameters::operator()(Null) { add(0, nullptr, 0, kText); }

void Parameters::operator()(std::int64_t n) {
  std::string& out = owned_.emplace_back();
  append_big_endian(out, static_cast<std::uint64_t>(n));
  add(kInt8, out.data(), out.size(), kBinary);
}

void Parameters::operator()(double d) {
  std::string& out = owned_.emplace_back();
  append_big_endian(out, std::bit_cast<std::uint64_t>(d));
  add(kFloat8, out.data(), out.size(), kBinary);
}

void Parameters::operator()(std::string_view text) {
  if (!is_storable_text(text)) {
    throw Failure(Failure::Kind::statement, fmt::format("parameter {} is no UTF-8 text without NUL", count() + 1));
  }
  const std::string& out = owned_.emplace_back(text);  // libpq wants it ended by a NUL
  add(0, out.c_str(), out.size(), kText);
}

void Parameters::operator()(Bytes bytes) {
  add(kBytea, bytes.data.data() ? bytes.data.data() : "", bytes.data.size(), kBinary);
}

/// The array's binary form: dimensions, flags, element type, then length and lower bound, then each with its size.
void Parameters::operator()(Integers list) {
  std::string& out = owned_.emplace_back();
  out.reserve(20 + list.values.size() * 12);
  append_big_endian<std::uint32_t>(out, list.values.empty() ? 0 : 1);
  append_big_endian<std::uint32_t>(out, 0);
  append_big_endian<std::uint32_t>(out, kInt8);
  if (!list.values.empty()) {
    append_big_endian(out, static_cast<std::uint32_t>(list.values.size()));
    append_big_endian<std::uint32_t>(out, 1);
  }
  for (const std::int64_t n : list.values) {
    append_big_endian<std::uint32_t>(out, 8);
    append_big_endian(out, static_cast<std::uint64_t>(n));
  }
  add(kInt8Array, out.data(), out.size(), kBinary);
}

}  // namespace todoku::store::postgres
