// One row of an import, checked: a contact, or what is wrong with it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audience/csv_reader.h"
#include "audience/import_columns.h"
#include "base/result.h"
#include "bounce/explanation.h"

namespace todoku::audience {

/// Strings are reused from row to row.
struct ImportRow {
  std::string address;  // as typed, without blanks around it
  std::string address_key;
  std::string domain;
  std::string name;
  std::string consent;              // basis; empty: none
  std::vector<std::string> values;  // of ImportColumns::fields, in that order
  bool role = false;                // info@, postmaster@ …
  std::string_view near_domain;     // what the domain probably should be; empty: nothing to say
};

struct RowFault {
  enum class Kind : std::uint8_t { no_address, bad_address, too_many_columns };
  Kind kind = Kind::no_address;
  std::size_t column = 0;    // from 0
  base::Error address = {};  // what the address lacks, where it is bad
};
[[nodiscard]] std::string describe(const RowFault& fault, bounce::Language language);

class RowCheck {
 public:
  /// `consent`: the basis of rows that have none of their own. `columns` must outlive this.
  RowCheck(const ImportColumns& columns, std::string consent);

  /// Fills `row`, or says what is wrong. Blanks around values go; control characters in them become blanks, and in
  /// the name line breaks too. A row may end early (its last fields are empty), and be longer only by empty fields.
  [[nodiscard]] std::optional<RowFault> check(const CsvRecord& record, ImportRow& row);

 private:
  [[nodiscard]] std::string_view near_domain(const std::string& domain);

  const ImportColumns& columns_;
  std::string consent_;
  std::unordered_map<std::string, std::string_view> near_;  // of domains seen: most rows share a few
};

}  // namespace todoku::audience
