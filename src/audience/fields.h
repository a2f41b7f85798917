// A contact's own fields beside address and name: what a CSV's other columns hold, and what templates merge.
//
// Stored as one JSON object of texts. A name occurs once; order is kept as far as the engine keeps it (PostgreSQL's
// jsonb sorts).
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace todoku::audience {

class Fields {
 public:
  using Field = std::pair<std::string, std::string>;

  /// What is stored; values that are no text come as their JSON, what is no object at all as no fields.
  [[nodiscard]] static Fields from_json(std::string_view json);
  [[nodiscard]] std::string json() const;
  void append_json(std::string& out) const;

  /// Null where there is none of that name.
  [[nodiscard]] const std::string* find(std::string_view name) const;
  void set(std::string_view name, std::string_view value);
  /// Takes over every value of `later` that is not empty. True if that changed anything.
  bool merge(const Fields& later);

  [[nodiscard]] bool empty() const { return fields_.empty(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  friend bool operator==(const Fields&, const Fields&) = default;

 private:
  std::vector<Field> fields_;
};

/// `text` as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

}  // namespace todoku::audience
