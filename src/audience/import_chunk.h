// A group of checked rows that is stored in one transaction: each address once, later values merged into earlier ones.
//
// Tens of thousands of rows are held, so texts stand in one buffer and are known by place and length. The buffers keep
// their memory when the chunk is used again.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audience/import_columns.h"
#include "audience/import_row.h"

namespace todoku::audience {

class ImportChunk {
 public:
  struct Contact {
    std::string_view address;
    std::string_view address_key;
    std::string_view domain;
    std::string_view name;
    std::string_view consent;
  };

  // Large enough that the index over all addresses, whose pages each chunk touches all over, is not written too often;
  // small enough for memory and for others who wait to write.
  static constexpr std::int64_t kRows = 40'000;

  /// Full at `max_rows`, or before where rows are long.
  explicit ImportChunk(std::size_t fields, std::int64_t max_rows = kRows)
      : width_(kFixed + fields), max_rows_(max_rows) {}

  /// Empties it. `first_record`: how many records of the file come before.
  void begin(std::int64_t first_record);
  void add(const ImportRow& row);
  /// Puts the contacts in order of their key, so that the database's index is walked through once, not jumped about in.
  /// `records`: those of the file that this chunk stands for, rejected ones included. Nothing can be added after.
  void end(std::int64_t records);

  [[nodiscard]] bool full() const;
  [[nodiscard]] std::int64_t first_record() const { return first_record_; }
  [[nodiscard]] std::int64_t records() const { return records_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }  // added, before merging

  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] Contact contact(std::size_t at) const;
  /// One of ImportColumns::fields.
  [[nodiscard]] std::string_view value(std::size_t at, std::size_t field) const {
    return text(cell(order_[at], kFixed + field));
  }

 private:
  struct Text {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  enum Fixed : std::uint8_t { kAddress, kKey, kDomain, kName, kConsent, kFixed };

  [[nodiscard]] const Text& cell(std::uint32_t contact, std::size_t column) const {
    return cells_[contact * width_ + column];
  }
  [[nodiscard]] std::string_view text(const Text& text) const {
    return std::string_view(bytes_).substr(text.at, text.size);
  }
  Text keep(std::string_view text);
  void merge(std::uint32_t contact, const ImportRow& row);
  std::uint32_t& slot_of(std::string_view key);

  std::size_t width_;
  std::int64_t max_rows_;
  std::int64_t first_record_ = 0;
  std::int64_t records_ = 0;
  std::int64_t rows_ = 0;
  std::string bytes_;
  std::vector<Text> cells_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> slots_;  // hash table of the keys: contact + 1, 0 free
  Text last_domain_;
  Text last_consent_;
};

}  // namespace todoku::audience
