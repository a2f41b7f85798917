// Header fields of a mail as they came, and the three encodings they may be in, undone when asked for.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace todoku::mail {

/// Views into the mail. `value` is trimmed, but still folded and encoded.
struct RawField {
  std::string_view name;
  std::string_view value;
};

/// Reads header fields from the start of `text` into `out` (at most `limit` of them altogether) and returns where the
/// body begins, text.size() where there is none. A line that can be no field is passed over when fields go on after it;
/// otherwise the body begins with it.
std::size_t read_fields(std::string_view text, std::vector<RawField>& out, std::size_t limit);

/// The first field of that name, whatever its case; empty where there is none.
[[nodiscard]] std::string_view find_field(std::span<const RawField> fields, std::string_view name);

/// One line: folds become one blank.
[[nodiscard]] std::string unfolded(std::string_view value);

/// Unfolded, RFC 2047's encoded words and raw 8-bit text turned into UTF-8.
[[nodiscard]] std::string decoded_header(std::string_view value);

/// A parameter of a structured field ("boundary" of a Content-Type), unquoted; RFC 2231's charset and pieces undone.
/// Empty where there is none.
[[nodiscard]] std::string parameter_of(std::string_view value, std::string_view name);

}  // namespace todoku::mail
